// What a page runs to follow. It leaves no trace in the document, and holds a connection only while the page is seen:
// a browser has no more than six to a server (HTTP/1.1), and there may be more tabs.

/** The source of the script. Its element says by `data-version` and `data-method` what page it is part of. */
export const script: string = `(() => {
  const element = document.currentScript
  const { method } = element.dataset
  let { version } = element.dataset
  element.remove()
  const once = Symbol.for('robaccia.follow')
  if (window[once]) return
  window[once] = true

  let source
  function follow() {
    if (source !== undefined || document.visibilityState === 'hidden') return
    source = new EventSource('/.robaccia/events')
    source.onmessage = ({ data }) => {
      const told = JSON.parse(data)
      if (told.version === version) return
      if (told.styles === true && told.previous === version) {
        version = told.version
        swapStyles()
      } else reload()
    }
    // It comes again by itself unless it was refused.
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return
      source = undefined
      setTimeout(follow, 1000)
    }
  }
  function leave() {
    source?.close()
    source = undefined
  }

  function reload() {
    leave()
    // It would send the form again.
    if (method === 'GET') location.reload()
    else document.title = '\\u21bb ' + document.title
  }

  /** The old ones go when the new ones are there, so that the page is never without. */
  function swapStyles() {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"][href]')) {
      const url = new URL(old.href)
      if (url.origin !== location.origin) continue
      if (old.integrity !== '') return reload()
      url.searchParams.set('robaccia', version)
      const fresh = old.cloneNode()
      fresh.href = url.href
      fresh.onload = () => old.remove()
      fresh.onerror = reload
      old.after(fresh)
    }
  }

  document.addEventListener('visibilitychange', () =>
    document.visibilityState === 'hidden' ? leave() : follow(),
  )
  addEventListener('pagehide', leave)
  addEventListener('pageshow', follow)
  follow()
})()
`
