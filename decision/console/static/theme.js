// Before the first paint: the theme this desk chose last. Dark when it chose none.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light") document.documentElement.dataset.theme = "light";
  } catch (error) {
    // A browser that keeps nothing stays dark.
  }
})();
