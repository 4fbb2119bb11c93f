(function () {
  "use strict";
  /* Colours after Okabe and Ito, told apart with any colour vision and on light and dark paper. */
  var config = {
    background: null,
    axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", domain: false },
    legend: { labelFontSize: 12, labelLimit: 260, symbolSize: 80, offset: 8, title: null },
    range: { category: ["#1f83c9", "#dc6416", "#0a9c77", "#c868a0", "#a8800f", "#6f74d8", "#808080", "#b5544d"] }
  };
  var views = [];

  function widthOf(place) {
    /* What is folded has no width yet. */
    return Math.max(240, Math.floor(place.clientWidth || document.querySelector("main").clientWidth));
  }

  function draw(place) {
    var spec = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    var view = new vega.View(vega.parse(spec, config, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", container: place, logLevel: vega.Warn
    });
    var knowsOuter = spec.signals.some(function (signal) { return signal.name === "outer"; });
    views.push({ view: view, place: place, width: 0, knowsOuter: knowsOuter });
    return fit(views[views.length - 1]);
  }

  function fit(one) {
    var width = widthOf(one.place);
    if (width === one.width) return Promise.resolve();
    one.width = width;
    if (one.knowsOuter) one.view.signal("outer", width);
    return one.view.width(width).runAsync().then(function () { one.place.dataset.drawn = "true"; });
  }

  function fitAll() { views.forEach(fit); }

  document.querySelectorAll("[data-figure]").forEach(function (place) {
    function fail(error) {
      place.textContent = "This figure could not be drawn (" + error.message + "); its table is below.";
    }
    try { draw(place).catch(fail); } catch (error) { fail(error); }
  });
  /* On paper no part is folded; a table of what is drawn stays out unless its reader has opened it. */
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details.part:not([open])"));
    opened.forEach(function (details) { details.open = true; });
    fitAll();
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
    fitAll();
  });
  document.querySelectorAll("details").forEach(function (details) { details.addEventListener("toggle", fitAll); });
  window.addEventListener("resize", fitAll);
})();
