"""Addresses of the intake."""

from django.urls import path

from platforms.intake import address, folder, lists, tus

app_name = "intake"
urlpatterns = [
    path("files/", tus.files, name="files"),
    path("files/<uuid:pk>/", tus.file, name="file"),
    path("files.json", lists.files, name="files_json"),
    path("files/<uuid:pk>.json", lists.file, name="file_json"),
    path("folder/", folder.folder, name="folder"),
    path("address/", address.address, name="address"),
    path("files/<uuid:pk>/pause/", address.pause, name="pause"),
    path("files/<uuid:pk>/resume/", address.resume, name="resume"),
]
