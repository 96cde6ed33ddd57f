import { TerminalError } from '../errors.ts'
import { createFilteringProxy, type FilteringProxy } from './filtering-proxy.ts'
import { createHostSlots } from './host-slots.ts'
import { hostOf } from './policy.ts'
import { MAX_PER_HOST, type Web } from './request.ts'

/** Bytes of all responses to one sandbox. */
const MAX_BYTES = 200_000_000

/** A proxy that leads to these hosts only, as far as `web:` opens them. */
export function createHostProxy(web: Web, hosts: readonly string[]): FilteringProxy {
  const open = new Set(hosts.map((host) => host.toLowerCase()))
  const { checkAddress } = web.policy
  function checkUrl(text: string): URL {
    const url = web.policy.checkUrl(text)
    if (open.has(hostOf(url).toLowerCase())) return url
    throw new TerminalError(`${hostOf(url)} is closed to code in a sandbox.`, {
      code: 'address_refused',
      hint: `To open it, write in antiphon.yaml: sandbox: { network: [${hostOf(url)}] }`,
    })
  }
  // a program may keep its connections for as long as it runs, and must not keep others from the host
  const slots = createHostSlots(MAX_PER_HOST)
  return createFilteringProxy({ ...web, slots, policy: { checkUrl, checkAddress } }, MAX_BYTES)
}
