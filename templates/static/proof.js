/*
 * Lets ALTCHA's widget do the sum that a form needs under pressure, and says how it goes.
 * The widget itself is fetched when somebody begins to fill in the form. Where this cannot run,
 * the form's second button takes the slow lane.
 */
(function () {
  'use strict';

  var box = document.querySelector('[data-proof]');
  var form = box && box.parentNode;
  var widget = box && box.querySelector('altcha-widget');
  var status = box && box.querySelector('[role=status]');
  var slow = form && form.querySelector('button[name=slow]');
  var started = false;
  var done = false;
  var failed = false;
  var waiting = false;
  var pressed = null;

  function say(what) { status.textContent = box.getAttribute('data-' + what); }

  function fail() {
    failed = true;
    waiting = false;
    say('failed');
  }

  function send() {
    /* A form that a script sends does not tell which button was pressed. */
    if (pressed && pressed.name) {
      var note = document.createElement('input');
      note.type = 'hidden';
      note.name = pressed.name;
      note.value = pressed.value;
      form.appendChild(note);
    }
    form.submit();
  }

  function able() {
    return window.isSecureContext && window.crypto && window.crypto.subtle && window.Worker &&
      window.customElements && 'noModule' in document.createElement('script');
  }

  function start() {
    if (started) { return; }
    started = true;
    if (!able()) { fail(); return; }
    var script = document.createElement('script');
    script.type = 'module';
    script.src = box.getAttribute('data-widget');
    script.onerror = fail;
    script.onload = function () {
      window.$altcha.algorithms.set(box.getAttribute('data-algorithm'), function () {
        return new Worker(box.getAttribute('data-worker'));
      });
      widget.verify().then(function (result) { if (!result) { fail(); } }, fail);
    };
    document.head.appendChild(script);
  }

  if (!box || !form || !widget || !status || !form.addEventListener) { return; }

  widget.addEventListener('statechange', function (event) {
    done = event.detail.state === 'verified';
    if (done) { say('done'); }
    if (event.detail.state === 'error') { fail(); }
    if (done && waiting) { waiting = false; setTimeout(send, 0); }
  });
  form.addEventListener('click', function (event) {
    if (event.target.nodeName === 'BUTTON') { pressed = event.target; }
  });
  form.addEventListener('submit', function (event) {
    if (done || failed || pressed === slow) { return; }
    event.preventDefault();
    waiting = true;
    say('wait');
    if (started && widget.getState && widget.getState() === 'unverified') { widget.verify(); }
    start();
  });
  if (box.hasAttribute('data-now')) { start(); } else { form.addEventListener('focusin', start); }
}());
