"""The report of `lab grade` in a real browser: light and dark, by keyboard, and without a network.

Needs what tests/browser.py needs, and bubblewrap; says so and ends well where one is missing, unless it is
told --required.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from browser import browser, missing  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / "target/debug/lab"


def contrast(colours):
    """How much one colour stands out from the other, as WCAG counts it."""
    def light(colour):
        parts = [int(part) / 255 for part in colour[colour.index("(") + 1:colour.index(")")].split(",")[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    a, b = sorted(map(light, colours))
    return (b + 0.05) / (a + 0.05)


COLOURS = """
const seen = [];
for (const it of document.querySelectorAll('body, td.passed, td.failed, a, pre')) {
  let ground = it; let colour = 'rgba(0, 0, 0, 0)';
  while (ground && colour === 'rgba(0, 0, 0, 0)') { colour = getComputedStyle(ground).backgroundColor; ground = ground.parentElement; }
  seen.push([it.tagName + '.' + it.className, getComputedStyle(it).color, colour]);
}
return seen;
"""


def look(driver, report):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    grounds = set()
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                               {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for page in ("index.html", "student-wrong.html"):
            driver.get((report / page).as_uri())
            for what, text, ground in driver.execute_script(COLOURS):
                assert contrast((text, ground)) >= 4.5, f"{scheme} {page} {what}: {text} on {ground}"
            assert not driver.find_elements(By.CSS_SELECTOR, "script, link, img, iframe"), "it needs something else"
        grounds.add(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2, f"dark is as light: {grounds}"

    driver.get((report / "index.html").as_uri())
    assert "Ann" not in driver.page_source and len(driver.find_elements(By.CSS_SELECTOR, ".map tbody tr")) == 2
    reached = set()
    for _ in range(30):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        here = driver.switch_to.active_element
        reached.add(here.get_attribute("href") or here.get_attribute("aria-label") or here.tag_name)
        if (here.get_attribute("href") or "").endswith("student-wrong.html"):
            outline = driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", here)
            assert outline != "none", "who has a keyboard does not see where he is"
            here.send_keys(Keys.ENTER)
            break
    else:
        raise AssertionError(f"no student is reached by Tab: {reached}")
    assert driver.current_url.endswith("student-wrong.html")
    assert "only a-z change" in driver.page_source and driver.find_elements(By.CSS_SELECTOR, ".exchange")


def main():
    lacks = missing() or (None if shutil.which("bwrap") else "bwrap")
    if lacks:
        print(f"SKIPPED, the report in a browser: {lacks} is missing", file=sys.stderr)
        sys.exit("--required" in sys.argv)
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        right = (ROOT / "solutions/udpserver.rs").read_text()
        for student, text in ("right", right), ("wrong", right.replace("to_ascii_uppercase", "to_ascii_lowercase")):
            (place / "class" / student).mkdir(parents=True)
            (place / "class" / student / "udpserver.rs").write_text(text)
        subprocess.run([TOOL, "grade", place / "class", "--out", place / "out"], cwd=ROOT, check=True, capture_output=True)
        with browser() as driver:
            look(driver, place / "out/report")
    print("The report: light, dark, by keyboard")


if __name__ == "__main__":
    main()
