/** A POST of JSON that knows whether anybody has read its body. */
export function unreadRequest(address: string, json = '{"cents":1}') {
  let isRead = false
  const body = new ReadableStream(
    {
      pull(controller) {
        isRead = true
        controller.enqueue(new TextEncoder().encode(json))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, duplex: 'half' }
  return { request: new Request(address, init as RequestInit), isRead: () => isRead }
}
