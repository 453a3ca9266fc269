/* Before the first paint: theme, language and the kind of page, so that nothing flashes. */
(function (root, path) {
  try {
    var theme = localStorage.getItem("theme"), lang = localStorage.getItem("lang");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (lang === "en" || lang === "nl") root.lang = lang;
  } catch (closed) { /* storage is switched off: the system's theme and Dutch */ }
  root.dataset.page = /^\/(admin\/)?login\/?$/.test(path) ? "gate" : /^\/(app|admin)(\/|$)/.test(path) ? "portal" : "public";
})(document.documentElement, location.pathname);
