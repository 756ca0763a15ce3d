"""An SVG that matplotlib wrote, as a part of the page: in its own colours, light, dark and on paper.

The page's policy forbids styles in attributes, so what stands there becomes attributes and classes; texts
stay texts, and every id gets the plot's name in front.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
KEPT = ("fill", "stroke-width", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "text-anchor")
# Colours that nothing else has, each a class of templates/pictures.css.
ROLES = {"#000001": "first", "#000002": "second", "#000003": "level", "#000004": "grid", "#000005": "frame"}
COLOURS = {role: colour for colour, role in ROLES.items()}


def for_the_page(svg: bytes, name: str, text: str, *, small: bool = False) -> Markup:
    """The SVG as markup: ``name`` makes its ids unique, ``text`` is for those who do not see it.

    A ``small`` one stands beside another, and its texts are larger within it.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - matplotlib has just written it
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}style", f"{SVG}metadata") or not isinstance(child.tag, str):
                parent.remove(child)
    for element in root.iter():
        _rename(element, name)
        _unstyle(element)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("class", "plot small" if small else "plot")
    root.set("role", "img")
    root.set("aria-label", text)
    ElementTree.register_namespace("", SVG[1:-1])
    drawn = ElementTree.tostring(root, encoding="unicode")
    return Markup(re.sub(r' xmlns(:\w+)?="[^"]*"', "", drawn))  # noqa: S704 - ElementTree escapes


def _rename(element: ElementTree.Element, name: str) -> None:
    """Put the plot's name before an id, and before what refers to one."""
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    if (target := element.attrib.pop(HREF, "")).startswith("#"):
        element.set("href", f"#{name}-{target[1:]}")
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("url(#", f"url(#{name}-"))


def _unstyle(element: ElementTree.Element) -> None:
    """Turn the properties of a style into attributes, and colours into classes."""
    style = element.attrib.pop("style", "")
    pairs = (part.partition(":") for part in style.split(";"))
    properties = {key.strip(): value.strip() for key, _, value in pairs}
    for key, value in properties.items():
        if value in ROLES:
            element.set("class", f"{ROLES[value]} {'line' if key == 'stroke' else 'area'}")
        elif key in KEPT:
            element.set(key, value)
