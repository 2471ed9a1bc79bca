/* Copying and printing, on the pages that pass a petition on. They work without it. */
(function () {
  'use strict';

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  /* Copies what stands in the field that the button names; where it cannot, it marks it. */
  each('[data-copy]', function (button) {
    var field = document.getElementById(button.getAttribute('data-copy'));
    function done() { button.textContent = button.getAttribute('data-done'); }
    function copyMarked() {
      field.focus();
      field.select();
      try { if (document.execCommand('copy')) { done(); } } catch (error) { /* It is marked. */ }
    }
    button.hidden = false;
    button.addEventListener('click', function () {
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(field.value).then(done, copyMarked);
      } else {
        copyMarked();
      }
    });
  });

  each('[data-print]', function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
}());
