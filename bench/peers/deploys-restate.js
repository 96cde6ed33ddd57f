import * as restate from '@restatedev/restate-sdk'
import { EDITS } from '../deploys/edits.ts'
import { act } from '../deploys/program.ts'

/** Workflows of Restate. Each process serves its code at the same address, and registers it again. */
export async function openProgram({ folder, address, code }) {
  const { admin, ingress, port } = JSON.parse(address)
  const orderOf = (ctx, id) => ({
    step: (name, acted, value) => ctx.run(name, () => act(folder, id, acted, value)),
    wait: (name) => ctx.promise(name).get(),
    pause: () => ctx.sleep(1),
  })
  const services = EDITS.map((edit) => {
    const run = edit[code]
    return restate.workflow({
      name: edit.id,
      handlers: {
        run: (ctx, input) => run(orderOf(ctx, input.id), input),
        signal: async (ctx, name) => {
          if (!(await ctx.promise(name).peek())) await ctx.promise(name).resolve(true)
        },
      },
    })
  })
  await restate.serve({ services, port })
  await post(`${admin}/deployments`, { uri: `http://127.0.0.1:${port}`, force: true, breaking: true })
  return {
    begin: (edit, id, input) => post(`${ingress}/${edit}/${id}/run/send`, { id, ...input }),
    signal: (edit, id, name) => post(`${ingress}/${edit}/${id}/signal/send`, name),
    async ended(edit, id) {
      const response = await fetch(`${ingress}/restate/workflow/${edit}/${id}/output`)
      const text = await response.text()
      if (response.ok) return { result: JSON.parse(text) }
      return response.status >= 500 ? { error: text } : undefined
    },
    stop: async () => {},
  }
}

async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`Restate answered ${response.status}: ${await response.text()}`)
}
