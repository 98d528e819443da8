/*! Foresail's tracker. Nothing is kept or sent before foresail('consent', true); Do Not Track and GPC are a no. */
;(function () {
  'use strict'
  var script = document.currentScript
  if (!script || (window.foresail && window.foresail.here)) return
  var key = script.dataset.key || ''
  var to = new URL(script.dataset.to || '/api/signals', script.src).href + '?key=' + encodeURIComponent(key)
  var refused = navigator.globalPrivacyControl || navigator.doNotTrack === '1' || window.doNotTrack === '1'
  var NAME = 'foresail' // of this site, whatever key it has now
  var MOST = 500
  var timer = 0
  var busy = false
  var pause = 0
  var page = null
  var link = taken()

  // Who came by a link that was sent to them brings its token along. It stays in memory alone, and out of every address.
  function taken() {
    var found = /[?&]fsl=([\w-]{44})(?=&|$)/.exec(location.search)
    if (!found) return ''
    var rest = location.search.replace(found[0], '').replace(/^&/, '?')
    history.replaceState(history.state, '', location.pathname + rest + location.hash)
    return found[1]
  }
  function read() {
    try { return JSON.parse(localStorage.getItem(NAME)) || {} } catch (e) { return {} }
  }
  function write(kept) {
    try { localStorage.setItem(NAME, JSON.stringify(kept)); return true } catch (e) { return false }
  }
  function name() {
    var bytes = crypto.getRandomValues(new Uint8Array(16))
    return Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1) }).join('')
  }
  function agreed() { return !refused && read().given === true }

  // What is to be sent lies in the browser's own store until it is acknowledged: a reload, or no network, loses nothing.
  function event(kept, type, data) {
    if (!kept.visitor) kept.visitor = name()
    return {
      specversion: '1.0', id: name(), source: location.origin, type: 'com.foresail.' + type,
      subject: kept.visitor, time: new Date().toISOString(), channel: type === 'form_sent' ? 'form' : 'web', data: data
    }
  }
  function put(type, data) {
    var kept = read()
    kept.queue = (kept.queue || []).slice(1 - MOST)
    kept.queue.push(event(kept, type, data))
    write(kept)
    soon(300)
  }
  // What the visitor said last waits apart, until it has arrived: nothing may push it out.
  function say(given, data) {
    var kept = read()
    if (!given) kept.queue = []
    kept.given = given
    kept.word = event(kept, given ? 'consent_given' : 'consent_withdrawn', data)
    write(kept)
    soon(0)
  }
  function soon(ms) {
    clearTimeout(timer)
    timer = setTimeout(send, Math.max(ms, pause))
  }
  function waiting(most) {
    var kept = read()
    var queue = agreed() ? (kept.queue || []).slice(0, most) : []
    return kept.word && (kept.given === false || !refused) ? [kept.word].concat(queue) : queue
  }
  function send(leaving) {
    var queue = waiting(leaving === true ? 40 : 100)
    if (!queue.length || (busy && leaving !== true)) return
    var now = new Date().toISOString()
    queue.forEach(function (each) { each.sentat = now })
    busy = true
    // text/plain: a browser need not ask first whether it may.
    fetch(to, { method: 'POST', body: JSON.stringify(queue), keepalive: leaving === true, credentials: 'omit',
      headers: { 'Content-Type': 'text/plain' } }).then(function (answer) {
      if (answer.status === 429 || answer.status >= 500) throw answer.status
      pause = answer.ok ? 0 : 60000
      if (!drop(queue, answer.ok)) pause = 60000
    }).catch(function () { pause = Math.min(60000, 2 * pause || 2000) }).then(function () {
      busy = false
      if (waiting(1).length) soon(0)
    })
  }
  function drop(sent, arrived) {
    var ids = {}
    sent.forEach(function (each) { ids[each.id] = 1 })
    var kept = read()
    kept.queue = (kept.queue || []).filter(function (each) { return !ids[each.id] })
    if (arrived && kept.word && ids[kept.word.id]) delete kept.word
    if (kept.given === false && !kept.word) kept = { given: false } // who withdrew has no name any more
    return write(kept)
  }

  // Seconds count while the page is in sight.
  function begin() {
    if (!agreed()) return
    page = { url: location.href, title: document.title, referrer: document.referrer, seconds: 0, scroll: 0, since: seen() }
    put('page', { url: page.url, title: page.title, referrer: page.referrer, language: navigator.language,
      screen: screen.width + 'x' + screen.height, agent: navigator.userAgent, query: asked(), campaign: campaign() })
    if (link) put('identify', { identity: { link: link } })
    link = ''
  }
  function seen() { return document.visibilityState === 'visible' ? performance.now() : 0 }
  function count() {
    if (page && page.since) page.seconds += (performance.now() - page.since) / 1000
    if (page) page.since = 0
  }
  function end() {
    count()
    if (page && agreed() && page.seconds >= 0.5)
      put('dwell', { url: page.url, title: page.title, seconds: Math.round(page.seconds * 10) / 10, scroll: page.scroll })
    page = null
  }
  function asked() {
    var found = new URLSearchParams(location.search)
    return found.get('q') || found.get('query') || found.get('keyword') || found.get('wd') || undefined
  }
  function campaign() { return new URLSearchParams(location.search).get('utm_campaign') || undefined }

  document.addEventListener('visibilitychange', function () {
    if (document.visibilityState === 'hidden') {
      count()
      if (page && agreed() && page.seconds >= 0.5) {
        put('dwell', { url: page.url, title: page.title, seconds: Math.round(page.seconds * 10) / 10, scroll: page.scroll })
        page.seconds = 0
      }
      send(true)
    } else if (page) page.since = seen()
  })
  addEventListener('pagehide', function () { end(); send(true) })
  addEventListener('pageshow', function (event) { if (event.persisted) begin() })
  addEventListener('online', function () { pause = 0; soon(0) })
  addEventListener('scroll', function () {
    var whole = document.documentElement.scrollHeight
    if (page && whole) page.scroll = Math.max(page.scroll, Math.round((100 * (scrollY + innerHeight)) / whole) / 100)
  }, { passive: true })
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href]')
    if (link && agreed() && (link.download || /\.(pdf|zip|docx?|xlsx?|pptx?|step|dwg|mp4)$/i.test(link.pathname)))
      put('download', { url: location.href, title: document.title, file: link.href })
  }, true)
  document.addEventListener('submit', function (event) {
    var form = event.target
    if (agreed() && form.dataset && form.dataset.foresail !== undefined)
      put('form_sent', { url: location.href, title: document.title, form: form.name || form.id || '' })
  }, true)
  // Pages that change without loading: H5 pages, single-page apps.
  ;['pushState', 'replaceState'].forEach(function (call) {
    var real = history[call]
    history[call] = function () {
      var before = location.pathname + location.search
      real.apply(history, arguments)
      place = location.pathname + location.search
      if (place !== before) setTimeout(function () { end(); begin() }, 0)
    }
  })
  var place = location.pathname + location.search
  addEventListener('popstate', function () {
    if (location.pathname + location.search === place) return // within the page
    place = location.pathname + location.search
    end()
    begin()
  })

  window.foresail = function (verb, said, more) {
    if (verb === 'consent') {
      var given = read().given
      if (said && given !== true && !refused) {
        say(true, { wording: more, how: 'banner' })
        begin()
      } else if (!said && given === true) {
        page = null
        say(false, { how: 'banner' })
      }
    } else if (verb === 'track' && agreed()) put(String(said), more || {})
    else if (verb === 'agreed') return agreed()
  }
  window.foresail.here = true
  begin()
  ;(window.foresailWaiting || []).forEach(function (call) { window.foresail.apply(null, call) })
  soon(1000)
})()
