/* Leads from a page to the same page in other versions of the book, which stand beside it as
   latest/ and vX.Y.Z/. Their list lies on the same site and is asked for only by a page that
   stands in such a folder; where there is no list, or nothing else in it, nothing is shown. Who
   cites from latest/ is offered the newest version that stays as it is. */
(() => {
  "use strict";

  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const here = root.pathname.split("/").at(-2);
  const numbered = /^v\d+\.\d+\.\d+$/;
  if (!location.protocol.startsWith("http")) return;
  if (here !== "latest" && !numbered.test(here)) return;

  const address = (name, hash = location.hash) => {
    const page = location.pathname.slice(root.pathname.length);
    return new URL(`../${name}/${page}`, root).href + hash;
  };
  const spoken = name => name.replace(/^v/, "");

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const link = name => {
    const made = element("a", {}, spoken(name));
    made.href = address(name);
    // The reader may have gone to another anchor since.
    made.addEventListener("click", () => { made.href = address(name); });
    if (name === here) made.setAttribute("aria-current", "page");
    return made;
  };

  const addSwitcher = names => {
    const list = element("ul", {}, ...names.map(name => element("li", {}, link(name))));
    const summary = element("summary", {}, `Version: ${spoken(here)}`);
    const brand = document.querySelector(".bd-sidebar-primary .sidebar-primary-item");
    brand?.append(element("details", { className: "press-versions" }, summary, list));
  };

  const addNotice = newest => {
    const notice = element("p", { className: "press-older" },
      `You read version ${spoken(here)}; the latest is `, link(newest), ".");
    notice.setAttribute("role", "note");
    document.querySelector("article.bd-article")?.prepend(notice);
  };

  // What is cited is to stay as it was cited.
  const offerFrozen = newest => {
    for (const box of document.querySelectorAll(".press-cite")) {
      const frozen = element("a", { href: address(newest, `#${box.dataset.place}`) },
        `Cite it in version ${spoken(newest)}`);
      box.prepend(element("p", { className: "press-small press-frozen" },
        "These addresses lead to the latest version, which changes. ", frozen, ", which stays."));
    }
  };

  const show = names => {
    if (names.length < 2) return;
    addSwitcher(names);
    const newest = names.find(name => numbered.test(name));
    if (here === "latest") offerFrozen(newest);
    else if (here !== newest) addNotice(newest);
  };

  // Offline, a page is as good without.
  fetch(new URL("../versions.json", root))
    .then(answer => answer.ok ? answer.json() : [])
    .then(show, () => {});
})();
