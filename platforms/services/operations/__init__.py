"""What people do with videos on platforms, as rows: asked for once or for many, done by the workers, accounted for."""
