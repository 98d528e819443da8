(function () {
  // Only remembers the choice of language and theme; the page works without it.
  function store(key, value) {
    try { return value ? localStorage.setItem(key, value) : localStorage.getItem(key); } catch (e) { return null; }
  }
  function group(name, first) {
    var chosen = document.getElementById(name + '-' + (store('foresail-' + name) || first));
    if (chosen) chosen.checked = true;
    document.querySelectorAll('input[name=' + name + ']').forEach(function (input) {
      input.addEventListener('change', function () { store('foresail-' + name, input.value); tell(); });
    });
  }
  function tell() {
    document.documentElement.lang = document.getElementById('lang-en').checked ? 'en' : 'zh-CN';
  }
  group('lang', /^zh/i.test(navigator.language) ? 'zh' : 'en');
  group('theme', 'auto');
  tell();
})();
