"""Every page, opened in a real browser."""

from visits import EQUATIONS, Visit


def test_every_page_is_sound_in_both_themes(browser, site, quarter):
    faults = {}
    with Visit(browser, site, quarter[0]) as visit:
        for page in quarter:
            visit.go(page)
            if found := visit.check():
                faults[page] = [*found]
    assert not faults


def test_equations_are_set(browser, site):
    with Visit(browser, site, "chapters/notation.html") as visit:
        visit.tab.evaluate(EQUATIONS)
        assert visit.tab.locator("mjx-container").count() > 20


def test_the_theme_can_be_chosen(browser, site):
    with Visit(browser, site, "index.html") as visit:
        root = visit.tab.locator("html")
        seen = set()
        for _ in range(3):
            visit.tab.locator(".theme-switch-button").first.click()
            seen.add((root.get_attribute("data-mode"), root.get_attribute("data-theme")))
        assert {mode for mode, _ in seen} == {"auto", "light", "dark"}
        assert {theme for _, theme in seen} == {"light", "dark"}
        assert not visit.faults
