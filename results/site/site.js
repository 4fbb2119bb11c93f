"use strict";
/* Shows the rows that hold all words of the search, which is kept in the address. */
(function () {
  var field = document.getElementById("search");
  if (!field) return;
  var rows = Array.prototype.slice.call(document.querySelectorAll("#histories tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  function show() {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0;
    rows.forEach(function (row, i) {
      if (row.querySelector(".resource")) { row.hidden = words.length > 0; return; }
      row.hidden = !words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      n += row.hidden ? 0 : 1;
    });
    document.getElementById("found").textContent = words.length ? n + " found" : "";
    history.replaceState(null, "", words.length ? "#" + encodeURIComponent(field.value) : location.pathname);
  }
  field.closest("p").hidden = false;
  field.addEventListener("input", show);
  try { field.value = decodeURIComponent(location.hash.slice(1)); } catch (error) { field.value = ""; }
  if (field.value) show();
}());
