/*
 * Comfort, and nothing else: every page works without it. For browsers from 2016 on.
 * It keeps nothing, and asks nobody but this site.
 */
(function () {
  'use strict';

  var POLL_SECONDS = 60;
  var MOST_POLLS = 60;
  var ESCAPES = 3;
  var ESCAPES_WITHIN_MS = 2000;

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  /* The quick exit takes the place of this page in the history of the tab. */
  function leave(event) {
    event.preventDefault();
    document.documentElement.hidden = true;
    window.location.replace(document.querySelector('[data-exit]').href);
  }

  each('[data-exit]', function (link) { link.addEventListener('click', leave); });

  var escapes = [];
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape' && event.key !== 'Esc') { return; }
    var now = Date.now();
    escapes = escapes.filter(function (at) { return now - at < ESCAPES_WITHIN_MS; });
    escapes.push(now);
    if (escapes.length >= ESCAPES) { leave(event); }
  });

  /* The count moves once a minute at most: so does this ask, while somebody looks, for an hour. */
  each('[data-count]', function (block) {
    var polls = 0;
    var asked = Date.now();
    var timer = null;

    function show(answer) {
      var percent = Math.min(100, Math.floor(answer.count * 100 / answer.goal));
      each('[data-live]', function (place) {
        var words = answer[place.getAttribute('data-live')][document.documentElement.lang];
        /* A sentence with one number in it; the number is what the page makes large. */
        var parts = /^(\D*)(\d(?:.*\d)?)(\D*)$/.exec(words || '');
        if (!parts) { return; }
        if (place.getAttribute('data-live') !== 'text') { place.textContent = words; return; }
        var number = document.createElement('strong');
        number.textContent = parts[2];
        place.textContent = parts[1];
        place.appendChild(number);
        place.appendChild(document.createTextNode(parts[3]));
      });
      each('[data-reached] rect', function (bar) { bar.setAttribute('width', percent); });
    }

    function ask() {
      var request = new XMLHttpRequest();
      timer = null;
      if (document.hidden) { return; }
      polls += 1;
      asked = Date.now();
      request.onloadend = function () {
        /* An error ends it: who cannot be reached is not to be asked again and again. */
        if (request.status !== 200) { polls = MOST_POLLS; return; }
        show(JSON.parse(request.responseText));
        wait();
      };
      request.open('GET', block.getAttribute('data-count'));
      request.send();
    }

    function wait() {
      if (timer === null && polls < MOST_POLLS) {
        timer = setTimeout(ask, Math.max(0, asked + POLL_SECONDS * 1000 - Date.now()));
      }
    }

    document.addEventListener('visibilitychange', function () {
      if (!document.hidden) { wait(); }
    });
    wait();
  });

  /* What leads to a part of the page is not needed while that part is in view. */
  each('[data-away]', function (bar) {
    if (!window.IntersectionObserver) { return; }
    new IntersectionObserver(function (entries) {
      bar.style.visibility = entries[entries.length - 1].isIntersecting ? 'hidden' : '';
    }).observe(document.getElementById(bar.getAttribute('data-away')));
  });

  each('[data-share]', function (button) {
    if (!navigator.share) { return; }
    button.hidden = false;
    button.addEventListener('click', function () {
      /* Not the title of this page, which may say that somebody has signed. */
      navigator.share({ text: button.getAttribute('data-text'), url: button.getAttribute('data-share') })
        .catch(function () { /* Thought better of it. */ });
    });
  });

  /* Paper cannot be unfolded: all is open there, and on the screen as before. */
  each('details', function (fold) {
    var open;
    window.addEventListener('beforeprint', function () {
      open = fold.open;
      fold.open = true;
    });
    window.addEventListener('afterprint', function () { fold.open = open; });
  });
}());
