/** The service worker of the page that trains: once loaded, the page needs no network. The build fills in VERSION and FILES. */
const CACHE = `r1-train-${VERSION}`

addEventListener('install', (event) => {
  skipWaiting()
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)))
})

addEventListener('activate', (event) => {
  const others = async () => {
    for (const name of await caches.keys())
      if (name.startsWith('r1-train-') && name !== CACHE) await caches.delete(name)
    await clients.claim()
  }
  event.waitUntil(others())
})

addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return
  event.respondWith(
    caches.match(event.request, { ignoreSearch: true }).then((known) => known ?? fetch(event.request)),
  )
})
