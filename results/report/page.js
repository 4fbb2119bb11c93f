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
    return Math.max(240, Math.floor(place.clientWidth));
  }

  function draw(place) {
    var spec = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    var view = new vega.View(vega.parse(spec, config, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: "svg", container: place, logLevel: vega.Warn
    });
    views.push({ view: view, place: place, width: 0 });
    return fit(views[views.length - 1]);
  }

  function fit(one) {
    var width = widthOf(one.place);
    if (width === one.width) return Promise.resolve();
    one.width = width;
    return one.view.width(width).runAsync().then(function () { one.place.dataset.drawn = "true"; });
  }

  function fitAll() { views.forEach(fit); }

  document.querySelectorAll("[data-figure]").forEach(function (place) {
    function fail(error) {
      place.textContent = "This figure could not be drawn (" + error.message + "); its table is below.";
    }
    try { draw(place).catch(fail); } catch (error) { fail(error); }
  });
  window.addEventListener("resize", fitAll);
  window.addEventListener("beforeprint", fitAll);
  window.addEventListener("afterprint", fitAll);
})();
