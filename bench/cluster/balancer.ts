import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** One address for the nodes at these ports: each connection goes to the next of them. Resolves with its port. */
export async function openBalancer(ports: readonly number[]): Promise<number> {
  let taken = 0
  const server = createServer((from) => {
    const to = connect(ports[taken++ % ports.length]!, '127.0.0.1')
    from.setNoDelay(true).pipe(to.setNoDelay(true)).pipe(from)
    from.on('error', () => to.destroy())
    to.on('error', () => from.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
