import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createApp } from '../../../src/http/server/app.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'
import { post } from '../bench.ts'
import { unreadRequest } from '../unread.ts'

const GATE = `name: gate
steps:
  - id: ok
    tool: approval-gate
    parameters: { title: "<b>Send</b> it?", content: "</pre><script>alert(1)</script>", require_reason: true }
  - { id: name, tool: user-prompt, dependencies: [ok], parameters: { prompt: "Which \\"one\\"?", choices: [red, "<blue>"], context: api } }
outputs: { approved: "{{ ok.result.approved }}", name: "{{ name.result.value }}" }
`

/** A run that waits, the app over it for its owner, and links to it. */
async function openGate() {
  const folder = openFolder()
  folder.write('gate.yaml', GATE)
  const runtime = await folder.open()
  const app = createApp(runtime, {
    identify: () => ({ owner: 'ann', key: 'k1', scopes: ['run', 'approve'], local: false }),
  })
  const { id: run } = await runtime.runs.start({ file: folder.path('gate.yaml'), owner: 'ann' })
  const waiting = async (step: string) => {
    await until(async () => (await runtime.inbox.list({ run })).some((item) => item.step === step))
    return (await runtime.inbox.list({ run }))[0]!.signal
  }
  const make = async (step: string, kind = 'approval'): Promise<string> => {
    const body = JSON.stringify({ signal: await waiting(step), kind })
    const response = await app.request(`/v1/runs/${run}/links`, post(body))
    expect(response.status).toBe(201)
    return ((await response.json()) as { readonly url: string }).url
  }
  const send = (url: string, fields: Record<string, string>) =>
    Promise.resolve(app.request(url, { method: 'POST', body: new URLSearchParams(fields) }))
  return { app, runtime, run, make, send }
}

it('shows a person what is asked, harmlessly, and takes the answer of its form once', async () => {
  const { app, runtime, run, make, send } = await openGate()
  const url = await make('ok')
  const page = await app.request(url)
  const text = await page.text()
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(text).toContain('<h1>&#60;b&#62;Send&#60;/b&#62; it?</h1>')
  expect(text).toContain('<pre>&#60;/pre&#62;&#60;script&#62;alert(1)&#60;/script&#62;</pre>')
  expect(text).not.toContain('<script')
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? []
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'`
  expect(page.headers.get('content-security-policy')).toContain(policy)
  expect([page.headers.get('referrer-policy'), page.headers.get('cache-control')]).toEqual(['no-referrer', 'no-store'])
  // a preview has approved nothing
  expect(await runtime.inbox.list({ run })).toHaveLength(1)

  const refused = await send(url, { action: 'approve', reason: ' ' })
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('A reason is required')])
  const both = await Promise.all([
    send(url, { action: 'approve', reason: 'fine' }),
    send(url, { action: 'reject', reason: 'no' }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 410])
  expect((await app.request(url)).status).toBe(410)

  const next = await make('name')
  const form = await (await app.request(next)).text()
  expect(form).toContain('<h1>Which &#34;one&#34;?</h1>')
  expect(form).toContain('<option>red</option><option>&#60;blue&#62;</option>')
  expect((await send(next, { value: '<blue>' })).status).toBe(200)
  await runtime.idle()
  expect((await runtime.runs.get(run)).outputs).toEqual({ approved: true, name: '<blue>' })
  expect((await app.request(next)).status).toBe(410)
})

it('reads no body for a link that does not exist or is used', async () => {
  const { app, make, send } = await openGate()
  const url = await make('ok')
  const opened = async (address: string) => {
    const { request, isRead } = unreadRequest(`http://localhost${address}`, '{"action":"approve","reason":"fine"}')
    const { status } = await app.request(request)
    return [status, isRead()]
  }
  expect(await opened(`${url}x`)).toEqual([404, false])
  expect(await (await send(`${url}x`, { action: 'approve' })).text()).toContain('This did not work')
  expect(await opened(url)).toEqual([200, true])
  expect(await opened(url)).toEqual([410, false])
})

it('approves a content that a person changed on the page', async () => {
  const folder = openFolder()
  const ask = (id: string, content: string) =>
    `  - { id: ${id}, tool: approval-gate, parameters: { title: Send?, content: ${content}, allow_modifications: true } }\n`
  folder.write(
    'change.yaml',
    `name: change\nsteps:\n${ask('call', '{ id: 12345678901234567890, to: [ann] }')}${ask('text', '"\\n<a>"')}`,
  )
  const runtime = await folder.open()
  const app = createApp(runtime)
  const { id: run } = await runtime.runs.start({ file: folder.path('change.yaml') })
  await runtime.idle()
  const change = async (signal: string, content: (shown: string) => string) => {
    const { token } = await runtime.access.links.create({ run, signal, kind: 'approval', ttl: 60_000 })
    const text = await (await app.request(`/v1/links/${token}`)).text()
    const [, form = '', shown = ''] =
      /name="form" value="(\w+)".*<textarea name="content" rows="12">\n(.*?)<\/textarea>/s.exec(text) ?? []
    const plain = shown.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    const body = new URLSearchParams({ action: 'modify', form, content: content(plain).replaceAll('\n', '\r\n') })
    return app.request(`/v1/links/${token}`, { method: 'POST', body })
  }
  expect((await change('call', () => '{"id": }')).status).toBe(400)
  expect((await change('call', (shown) => shown.replace('ann', 'bob'))).status).toBe(200)
  expect((await change('text', (shown) => `${shown}\nmore`)).status).toBe(200)
  await runtime.idle()
  const { steps } = await runtime.runs.get(run)
  expect(steps.call!.value).toMatchObject({ result: { action: 'modify', modified_content: { to: ['bob'] } } })
  expect(JSON.stringify(steps.call!.value)).toContain('12345678901234567890')
  expect(steps.text!.value).toMatchObject({ result: { modified_content: '\n<a>\nmore' } })
})

it('takes JSON, and is written down under its owner without its secret', async () => {
  const { app, runtime, make } = await openGate()
  const url = await make('ok', 'webhook')
  expect(await (await app.request(url)).text()).toContain('This address accepts one POST')
  const used = await app.request(url, post('{"approved":true,"reason":"fine"}'))
  expect([used.status, await used.json()]).toEqual([200, { status: 'taken' }])
  const again = await app.request(url, post('{"approved":true,"reason":"fine"}'))
  expect([again.status, await again.json()]).toMatchObject([410, { code: 'link_used' }])
  await until(async () => (await runtime.access.audit.list()).length === 2)
  const [line, made] = await runtime.access.audit.list()
  expect(made).toMatchObject({ owner: 'ann', key: 'k1', route: '/v1/runs/{run}/links', status: 201 })
  expect(line).toMatchObject({ owner: 'ann', route: '/v1/links/{link}', status: 200 })
  expect(line!.target).toMatch(/^\/v1\/links\/[0-9a-f]{16}$/)
  expect(url).toContain(line!.target.split('/').at(-1))
})

it('loses nothing that is sent to a webhook as a form, as curl -d sends JSON', async () => {
  const { app, runtime, run, make } = await openGate()
  const url = await make('ok', 'webhook')
  const body = '{"approved":true,"reason":"fine"}'
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const refused = await app.request(url, { method: 'POST', body, headers })
  expect([refused.status, await refused.text()]).toEqual([415, expect.stringContaining('Expected application/json')])
  expect(await runtime.inbox.list({ run })).toHaveLength(1)
  expect((await app.request(url, post(body))).status).toBe(200)
})

it('is neither reported nor made for missing work', async () => {
  const { app, runtime, run, make, send } = await openGate()
  const url = await make('ok')
  const none = url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  expect([(await app.request(none)).status, (await send(none, { action: 'approve' })).status]).toEqual([404, 404])
  const later = JSON.stringify({ signal: 'later', kind: 'approval' })
  const early = ((await (await app.request(`/v1/runs/${run}/links`, post(later))).json()) as { url: string }).url
  expect(await (await app.request(early)).text()).toContain('Nothing waits here')
  expect((await app.request(early, post('true'))).status).toBe(409)
  expect((await app.request('/v1/runs/none/links', post(later))).status).toBe(404)
  await runtime.runs.cancel(run, 'enough')
  await runtime.idle()
  expect([(await app.request(url)).status, (await send(url, { action: 'approve' })).status]).toEqual([410, 410])
  expect((await app.request(`/v1/runs/${run}/links`, post(later))).status).toBe(400)
})
