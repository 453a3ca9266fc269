/* Starts the app. The portals have nothing to show without it and start at once; public pages are painted
   first, because a download that starts before the first paint is paid for by it. */
(function (root, meta) {
  if (!meta) return;
  function start() {
    // Both files at the same time; the code takes the module over while that is still arriving.
    var module = fetch(meta.dataset.wasm);
    Promise.all([import(meta.dataset.js), module])
      .then(function (loaded) { return loaded[0].default({ module_or_path: module }); })
      .catch(function () { root.dataset.failed = ""; });
  }
  if (root.dataset.page === "public") {
    requestAnimationFrame(function () { requestAnimationFrame(function () { setTimeout(start); }); });
  } else {
    start();
  }
})(document.documentElement, document.querySelector("meta[name=mvai-app]"));
