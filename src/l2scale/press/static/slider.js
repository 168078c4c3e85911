// Shows one frame of a drawing, see sliders.py: all of them are in the page already.
"use strict";

for (const form of document.querySelectorAll("form.press-slider")) {
  const slider = form.elements.at;
  const frames = [...form.querySelectorAll(".press-frame")];
  const said = [...form.querySelectorAll(".press-said")];

  const show = () => {
    const now = frames[slider.value];
    const { value } = now.dataset;
    for (const frame of frames) frame.classList.toggle("press-now", frame === now);
    now.parentElement.append(now); // above the others
    slider.setAttribute("aria-valuetext", value);
    form.querySelector(".press-value").textContent = value;
    JSON.parse(now.dataset.said).forEach((text, line) => { said[line].textContent = text; });
  };

  slider.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
}
