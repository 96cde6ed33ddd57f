import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { OpenTarget } from '../engine/target.ts'

/** Restate under a load, asked over connections that are kept. */
export const openTarget: OpenTarget = async ({ operation, clients }, { address }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const perform = (key: string) =>
    operation === 'update' ? post(agent, `${address}/counter/${key}/add`, '1') : post(agent, `${address}/run/start`)
  return { perform }
}

function post(agent: Agent, url: string, body?: string): Promise<number> {
  const headers = { 'content-length': body?.length ?? 0, ...(body && { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, async (response) => {
      const said = await text(response)
      if (response.statusCode === 200) resolve(Number(said))
      else reject(new Error(`Restate answered ${response.statusCode}: ${said}`))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
