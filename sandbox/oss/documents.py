"""The XML documents that Aliyun OSS answers."""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree


def element(name: str, texts: Mapping[str, str], children: Iterable[ElementTree.Element] = ()) -> ElementTree.Element:
    """An element with one text child per item of ``texts``, then ``children``."""
    root = ElementTree.Element(name)
    for tag, text in texts.items():
        ElementTree.SubElement(root, tag).text = text
    root.extend(children)
    return root


def xml_body(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def error_document(code: str, message: str, request_id: str, host: str, **more: str) -> bytes:
    texts = {"Code": code, "Message": message, "RequestId": request_id, "HostId": host, **more}
    return xml_body(element("Error", texts))
