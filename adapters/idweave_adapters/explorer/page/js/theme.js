// @ts-check
/*
 * Puts the theme on the document before anything is drawn, so that a dark page never
 * flashes white: a classic script for that reason. The toggle is in shell/theme.js.
 */
(() => {
  try {
    const theme = localStorage.getItem("idweave.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is shut off: the system's theme it is.
  }
})();
