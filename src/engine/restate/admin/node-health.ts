import { connect } from 'node:http2'

/** Whether a node of a release answers at its address, asked from here. */
export type Reach = { readonly answers: true } | { readonly answers: false; readonly why: string }

const PATIENCE = 3_000

/** Behind one address may be nodes of several releases: so often one of another is asked again for. */
const CONNECTIONS = 8
const OTHER: Reach = { answers: false, why: 'nodes of another release answer there' }

/** Asks at the address of a release for its health, over HTTP/2 as the server does. */
export async function reachNode(uri: string): Promise<Reach> {
  for (let left = CONNECTIONS; left > 0; left--) {
    const reach = await askOnce(uri)
    if (reach !== OTHER) return reach
  }
  return OTHER
}

async function askOnce(uri: string): Promise<Reach> {
  const { promise, resolve } = Promise.withResolvers<Reach>()
  const fail = (why: string) => resolve({ answers: false, why })
  const { origin, pathname } = new URL(uri)
  const session = connect(origin)
  const late = setTimeout(() => fail(`nobody answered in ${PATIENCE / 1000} s`), PATIENCE)
  session.on('error', ({ message }: Error) => fail(message))
  const request = session.request({ ':path': `${pathname.replace(/\/$/, '')}/health` })
  request.on('error', ({ message }: Error) => fail(message))
  request.on('response', ({ ':status': status }) => {
    if (status === 200) resolve({ answers: true })
    else if (status === 503) resolve(OTHER)
    else fail(`it answered ${status}`)
  })
  request.end()
  try {
    return await promise
  } finally {
    clearTimeout(late)
    session.destroy()
  }
}
