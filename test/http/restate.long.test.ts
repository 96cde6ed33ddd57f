import { existsSync, readFileSync } from 'node:fs'
import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Happening } from '../../src/client.ts'
import { gate } from '../../src/testing/index.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { collect } from './bench.ts'
import { framesOf } from './compat/served.ts'
import { type Asker, askerAt, type Node, openNodes } from './restate/nodes.ts'

type Nodes = Awaited<ReturnType<typeof openNodes>>

const HARBOUR = {
  name: 'harbour.md',
  text: '# Harbour\n\nThe ship leaves at noon.\n\nThe salt is kept in the tower.\n',
}
// more than goes into a message
const LARGE = 'salt '.repeat(20_000)

const words = (file: string) => `name: words
inputs: { text: { type: string } }
steps:
  - { id: say, tool: debug, parameters: { message: "{{ text }}" }, produces: text-file, location: "${file}" }
outputs: { said: "{{ say.message }}" }
`
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]\n'
const GATES = `name: gates
steps:
  - { id: first, tool: approval-gate, parameters: { title: The first? } }
  - { id: second, tool: approval-gate, depends_on: [first], parameters: { title: The second? } }
`
const HELD = `name: held
steps:
  - { id: first, tool: debug, parameters: { message: begun } }
  - { id: hold, tool: terminal, action: execute, effect: idempotent, depends_on: [first], parameters: { command: sh hold.sh, working_dir: open } }
`

const CHAT = '/api/postchain/langchain'
const LAB = { provider: 'lab', model_name: 'one' }
const MODELS = { action: LAB, yield: LAB }

describeOnRestate('two nodes of antiphon serve', () => {
  const server = useRestate()
  const model = new LLMock({ port: 0, logLevel: 'silent' })
  const hold = gate()
  const closing: (() => void)[] = []
  let nodes: Nodes
  let keys: { readonly ann: string; readonly bob: string }
  let bobs: string
  let ann: { readonly one: Asker; readonly other: Asker }
  /** what tells of all that was made of hers, and the lists in which it stands */
  const made: string[] = []
  const LISTS = ['/v1/pipelines', '/v1/runs', '/v1/threads', '/v1/inbox']

  const asAt = (node: Node, owner: keyof typeof keys) => askerAt(node, keys[owner])

  beforeAll(async () => {
    nodes = await openNodes({ ...server.now(), model: await model.start() }, (close) => closing.push(close))
    model.onMessage(/Which tide/, async () => {
      await hold.pass()
      return { content: 'The ebb.' }
    })
    model.onMessage(/.*/, { content: 'Basalt.' })
    const [{ token: one }, { token: two, id }] = await Promise.all([
      nodes.keyOf('ann', 'read', 'run', 'approve', 'ask'),
      nodes.keyOf('bob', 'read', 'run', 'approve', 'ask'),
    ])
    keys = { ann: one, bob: two }
    bobs = id
    ann = { one: asAt(nodes.one, 'ann'), other: asAt(nodes.other, 'ann') }
  })
  afterAll(async () => {
    for (const close of closing) close()
    await model.stop()
  })

  const told = (asker: Asker, paths: readonly string[]) =>
    Promise.all(paths.map(async (path) => ({ path, ...(await asker.ask('GET', path)) })))

  it('run at one what was uploaded at the other, and both tell of it at once', async () => {
    const { one, other } = ann
    const [file, path] = [nodes.path('open/said.txt'), '/v1/pipelines/words']
    expect(await one.ask('PUT', path, { text: words(file) })).toMatchObject({ body: { isNew: true } })
    expect(await other.ask('PUT', path, { text: words(file) })).toMatchObject({ body: { isNew: false } })

    const { id } = await other.client.runs.start({ pipeline: 'words', inputs: { text: LARGE } })
    expect(await one.client.runs.get(id)).toMatchObject({ execution_id: id })
    const events = await collect(one.client.runs.events(id))
    expect(events.map(({ n }) => n)).toEqual(events.map((_, at) => at + 1))
    expect(events.at(-1)!.body).toMatchObject({ type: 'run-end', status: 'completed' })
    const { outputs, artifacts } = await one.client.runs.get(id)
    expect(outputs).toEqual({ said: LARGE })
    expect(artifacts).toMatchObject([{ step: 'say', location: file, kind: 'text' }])
    expect(readFileSync(file, 'utf8').trim()).toBe(LARGE.trim())
    made.push(path, `/v1/runs/${id}`, `/v1/runs/${id}/events`, `/v1/runs/${id}/changes`)
  })

  it('answer from what was sent along, and go on with the thread', async () => {
    const { one, other } = ann
    const asked = { prompt: 'When does the ship leave?', texts: [HARBOUR] }
    const first = await one.client.threads.ask({ thread: 'ships', id: 'first', ...asked })
    expect(first).toMatchObject({ answer: expect.stringContaining('leaves at noon'), citations: [{ line: 3 }] })
    expect(await other.client.threads.ask({ thread: 'ships', id: 'first', ...asked })).toEqual(first)

    const next = { prompt: 'Where is the salt kept?', texts: [HARBOUR] }
    expect(await other.ask('PUT', '/v1/threads/ships/asks/next', next)).toEqual({ status: 202, body: { id: 'next' } })
    const events = await collect(one.client.threads.askEvents('ships', 'next'))
    expect(events.at(-1)!.body).toMatchObject({ type: 'ask-end', status: 'completed' })
    const { body } = await one.ask('GET', '/v1/threads/ships/messages')
    const { items } = body as { readonly items: readonly { readonly text: string }[] }
    expect(items.map(({ text }) => text)).toEqual([
      asked.prompt,
      first.answer,
      next.prompt,
      expect.stringContaining('in the tower'),
    ])
    const thread = '/v1/threads/ships'
    made.push(thread, `${thread}/asks/first`, `${thread}/asks/next`, `${thread}/asks/next/events`)
  })

  it("refuse an id that is another's question, and tell nothing of it", async () => {
    const taken = { code: 'id_taken', message: 'the id first is taken' }
    for (const node of [nodes.one, nodes.other]) {
      const bob = asAt(node, 'bob').client
      const asked = { thread: 'mine', id: 'first', prompt: 'What is said?', texts: [HARBOUR] }
      await expect(bob.threads.ask(asked)).rejects.toMatchObject(taken)
      await expect(bob.threads.startAsk(asked)).rejects.toMatchObject(taken)
      await expect(bob.runs.start({ source: { text: GATE }, id: 'first' })).rejects.toMatchObject(taken)
      await expect(bob.threads.get('mine')).rejects.toMatchObject({ code: 'not_found' })
      await expect(bob.runs.get('first')).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('hear at one what becomes of a long message that was asked about at the other', async () => {
    const { one, other } = ann
    const prompt = `When does the ship leave? ${'And so on. '.repeat(100)}`
    await one.client.threads.ask({ thread: 'letters', id: 'long', prompt, texts: [HARBOUR] })
    await other.client.threads.ask({ thread: 'letters', id: 'asking', prompt: 'When does the ship leave?' })
    const consents = [{ message: 1, ask: 'asking', length: prompt.length, since: expect.any(Number) }]
    expect(await one.client.threads.getAsk('letters', 'asking')).toMatchObject({ consents })
    const said = await one.client.inbox.consent('asking', [{ message: 1, answer: 'remove' }])
    expect(said).toEqual([{ message: 1, inPrompts: 'removed' }])
    const [message] = await other.client.threads.messages('letters')
    expect(message).toMatchObject({ text: prompt, inPrompts: 'removed' })
    const bob = asAt(nodes.other, 'bob').client
    await expect(bob.inbox.consent('asking', [{ message: 1, answer: 'keep' }])).rejects.toMatchObject({
      code: 'not_found',
    })
    made.push('/v1/threads/letters')
  })

  it('keep a question that waits for a decision, and let it be decided at whichever', async () => {
    const { one, other } = ann
    const asked = { prompt: 'When does the ship leave?', texts: [HARBOUR], recursion: 'step' as const }
    expect(await one.client.threads.startAsk({ thread: 'steps', id: 'stepping', ...asked })).toEqual({ id: 'stepping' })
    const proposed = (cycle: number) =>
      expect
        .poll(() => other.client.inbox.list())
        .toMatchObject([{ kind: 'decision', thread: 'steps', ask: 'stepping', owner: 'ann', proposal: { cycle } }])
    await proposed(1)
    expect(await asAt(nodes.other, 'bob').client.inbox.list()).toEqual([])
    const path = '/v1/asks/stepping/decision'
    expect(await asAt(nodes.one, 'bob').ask('POST', path, { decision: 'yield' })).toMatchObject({ status: 404 })
    const loop = { decision: 'loop', target: 'understanding' }
    const decided = await other.ask('POST', path, loop, 'once')
    expect(decided).toMatchObject({ status: 200, body: { thread: 'steps', target: 'understanding' } })
    await proposed(2)
    expect(await one.ask('POST', path, loop, 'once')).toEqual(decided)
    await one.client.inbox.decide('stepping', { decision: 'accept' })
    const events = await collect(other.client.threads.askEvents('steps', 'stepping'))
    expect(events.at(-1)!.body).toMatchObject({ type: 'ask-end', status: 'completed' })
    await expect.poll(() => one.client.inbox.list()).toEqual([])
    const late = other.client.inbox.decide('stepping', { decision: 'yield' })
    await expect(late).rejects.toMatchObject({ code: 'not_waiting' })
    made.push('/v1/threads/steps', '/v1/threads/steps/asks/stepping')
  })

  /** A run of hers that waits for an approval, and the link by which that is given. */
  async function openGate({ one, other }: typeof ann) {
    const { id } = await one.client.runs.start({ source: { text: GATE } })
    await expect.poll(() => other.client.inbox.list({ run: id })).toMatchObject([{ title: 'Send it?', owner: 'ann' }])
    const [item] = await other.client.inbox.list({ run: id })
    const make = (asker: Asker) =>
      asker.ask('POST', `/v1/runs/${id}/links`, { signal: item!.signal, kind: 'approval' }, 'link')
    const { status, body } = await make(other)
    expect(status).toBe(201)
    const { url } = body as { readonly url: string }
    const use = (node: Node, action: string) =>
      fetch(`${node.url}${url}`, { method: 'POST', body: new URLSearchParams({ action }) })
    return { id, signal: item!.signal, url, make, use }
  }

  it('take an approval through a link at whichever, once', async () => {
    const { one } = ann
    const { id, signal, url, make, use } = await openGate(ann)
    const bob = asAt(nodes.other, 'bob')
    expect(await bob.client.inbox.list({ run: id })).toEqual([])
    await expect(bob.client.runs.signal(id, signal, true)).rejects.toMatchObject({ code: 'not_found' })
    expect(await make(bob)).toMatchObject({ status: 404 })
    expect(await make(one)).toMatchObject({ status: 409 })

    expect(await (await fetch(`${nodes.one.url}${url}`)).text()).toContain('<h1>Send it?</h1>')
    const used = await Promise.all([use(nodes.one, 'approve'), use(nodes.other, 'approve')])
    expect(used.map((response) => response.status).sort()).toEqual([200, 410])
    const [end] = (await collect(one.client.runs.events(id))).slice(-1)
    expect(end!.body).toMatchObject({ type: 'run-end', status: 'completed' })
    expect((await use(nodes.other, 'reject')).status).toBe(410)
    made.push(`/v1/runs/${id}`, `/v1/runs/${id}/events`)
  })

  it('take an approval once under its id or key, and approve no other gate by it', async () => {
    const { one, other } = ann
    const { id } = await one.client.runs.start({ source: { text: GATES } })
    const waits = (title: string) => expect.poll(() => other.client.inbox.list({ run: id })).toMatchObject([{ title }])
    const taken = { status: 200, body: { status: 'taken' } }
    const path = `/v1/runs/${id}/approve`
    await waits('The first?')
    for (const at of [one, other, one]) expect(await at.ask('POST', path, { id: `${id}-a` })).toEqual(taken)
    await waits('The second?')
    expect(await other.ask('POST', path, {}, 'second')).toEqual(taken)
    await collect(one.client.runs.events(id))
    expect(await one.ask('POST', path, {}, 'second')).toEqual(taken)
    expect(await other.ask('POST', path, { id: `${id}-a` })).toEqual(taken)
    expect(await other.ask('POST', path, {})).toMatchObject({ status: 409, body: { code: 'not_waiting' } })
    made.push(`/v1/runs/${id}`)
  })

  it("answer upstream's clients, on threads that both know", async () => {
    const { one, other } = ann
    const begun = await one.ask('POST', '/api/threads', { name: 'The moon' }, 'moon')
    expect(await other.ask('POST', '/api/threads', { name: 'The moon' }, 'moon')).toEqual(begun)
    const { id } = (begun.body as { readonly data: { readonly thread: { readonly id: string } } }).data.thread
    const asked = { user_query: 'What is the moon made of?', thread_id: id, model_configs: MODELS }
    const frames = await framesOf(await other.fetch('POST', CHAT, asked, { 'idempotency-key': 'moon' }))
    expect(frames.at(-1)!.data).toBe('[DONE]')
    expect(await framesOf(await one.fetch('POST', CHAT, asked, { 'idempotency-key': 'moon' }))).toEqual(frames)
    const { run_id } = frames[0]!.data as { readonly run_id: string }
    const thread = `/api/threads/${id}`
    expect(await one.ask('GET', `${thread}/messages`)).toMatchObject({
      body: {
        data: {
          messages: [
            { content: asked.user_query, run_id },
            { role: 'assistant', run_id },
          ],
        },
      },
    })
    const recover = (asker: Asker) => asker.ask('POST', '/api/postchain/recover', { thread_id: id })
    expect(await recover(one)).toMatchObject({ body: { status: 'recovered', run_id, current_phase: 'yield' } })
    expect(await recover(asAt(nodes.one, 'bob'))).toMatchObject({ body: { status: 'not_found' } })
    made.push(thread, `${thread}/messages`, `${CHAT}?${new URLSearchParams({ thread_id: id, run_id })}`)
  })

  it('do what comes twice once, and refuse something else under its key', async () => {
    const { one, other } = ann
    const run = (asker: Asker, text: string) =>
      asker.ask('POST', '/v1/pipelines/words/runs', { inputs: { text } }, 'twice')
    const started = await one.ask('PUT', '/v1/pipelines/words', { text: words(nodes.path('open/twice.txt')) })
    expect(started.status).toBe(200)
    const [first, second] = await Promise.all([run(one, 'a'), run(other, 'a')])
    expect(first).toMatchObject({ status: 202 })
    expect(second).toEqual(first)
    expect(await run(other, 'b')).toMatchObject({ status: 422, body: { code: 'key_reused' } })
    const { id } = first.body as { readonly id: string }
    expect((await collect(other.client.runs.events(id))).at(-1)!.body).toMatchObject({ status: 'completed' })

    const ask = (asker: Asker, prompt: string) =>
      asker.ask('POST', '/v1/threads/twice/asks', { prompt, texts: [HARBOUR] }, 'twice')
    const answers = await Promise.all([ask(one, 'When does the ship leave?'), ask(other, 'When does the ship leave?')])
    expect(answers[0]).toMatchObject({ status: 200, body: { thread: 'twice' } })
    expect(answers[1]).toEqual(answers[0])
    expect(await ask(one, 'Who pays?')).toMatchObject({ status: 422 })
    expect(await other.ask('GET', '/v1/threads/twice')).toMatchObject({ body: { asked: 1 } })
    made.push(`/v1/runs/${id}`, '/v1/threads/twice')
  })

  it('tell the same, and of what is hers nothing to anybody else', async () => {
    const [one, other] = [nodes.one, nodes.other].map((node) => asAt(node, 'bob')) as [Asker, Asker]
    for (const path of made) {
      expect(await one.ask('GET', path), path).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect(await other.ask('GET', path), path).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
    for (const path of LISTS) expect(await other.ask('GET', path)).toEqual({ status: 200, body: { items: [] } })
    const all = await told(ann.one, made)
    expect(all.filter(({ status }) => status !== 200)).toEqual([])
    expect(await told(ann.other, made)).toEqual(all)
    // lists may be a moment behind
    await vi.waitFor(async () => {
      const lists = await told(ann.one, LISTS)
      expect(JSON.stringify(lists)).not.toContain('"running"')
      expect(await told(ann.other, LISTS)).toEqual(lists)
    }, 60_000)
  })

  it('have a thread of the same name for each owner', async () => {
    const asked = { thread: 'main', prompt: 'When does the ship leave?', texts: [HARBOUR] }
    const bob = [nodes.one, nodes.other].map((node) => asAt(node, 'bob')) as [Asker, Asker]
    const answers = await Promise.all([ann.one, ...bob].map(({ client }) => client.threads.ask(asked)))
    expect(answers.map(({ thread }) => thread)).toEqual(['main', 'main', 'main'])
    for (const { client } of bob) expect(await client.threads.get('main')).toMatchObject({ owner: 'bob', asked: 2 })
    expect(await ann.other.client.threads.get('main')).toMatchObject({ owner: 'ann', asked: 1 })
    expect(await bob[1].client.threads.list()).toMatchObject([{ id: 'main', owner: 'bob' }])
  })

  it('let nobody in whose key was revoked at the other', async () => {
    const bob = asAt(nodes.other, 'bob')
    expect(await bob.ask('GET', '/v1/runs')).toMatchObject({ status: 200 })
    await nodes.keys.revoke(bobs)
    expect(await asAt(nodes.one, 'bob').ask('GET', '/v1/runs')).toMatchObject({ status: 401 })
    await expect.poll(async () => (await bob.ask('GET', '/v1/runs')).status).toBe(401)
  })

  it('continue as one when the working node is killed: nothing is lost, and work in flight ends', async () => {
    nodes.write('open/hold.sh', 'echo $PPID > who', 'while ! [ -e go ]; do sleep 0.02; done')
    const begin = (asker: Asker) => asker.ask('POST', '/v1/runs', { source: { text: HELD } }, 'held')
    const begun = await begin(ann.one)
    const { id } = begun.body as { readonly id: string }
    await expect.poll(worker).toBeGreaterThan(0)
    const [dies, lives] = worker() === nodes.one.pid ? [nodes.one, nodes.other] : [nodes.other, nodes.one]
    const survivor = asAt(lives, 'ann')
    const gate = await openGate({ one: asAt(dies, 'ann'), other: asAt(dies, 'ann') })
    const thread = '7f4df1a0-3c62-4f5e-9d1b-2a5f0c7e8b11'
    const chat = (asker: Asker) =>
      asker.ask('POST', CHAT, { user_query: 'Which tide?', thread_id: thread, model_configs: MODELS }, 'late')
    const lost = chat(asAt(dies, 'ann')).catch(() => 'lost')
    await hold.started
    const listed = async () => JSON.stringify(await told(survivor, LISTS))
    for (const one of [id, gate.id, thread]) await expect.poll(listed).toContain(one)
    const before = await told(survivor, made)
    await dies.kill()

    expect(await lost).toBe('lost')
    expect(await told(survivor, made)).toEqual(before)
    for (const one of [id, gate.id, thread]) expect(await listed()).toContain(one)
    expect(await begin(survivor)).toEqual(begun)
    expect((await gate.use(lives, 'approve')).status).toBe(200)
    hold.release()
    const { body } = await chat(survivor)
    expect((body as readonly string[]).at(-1)).toContain('event: done')
    expect(await survivor.ask('GET', `/api/threads/${thread}/messages`)).toMatchObject({
      body: { data: { messages: [{ role: 'user' }, { role: 'assistant', content: 'The ebb.' }] } },
    })
    await expect.poll(worker).toBe(lives.pid)
    nodes.write('open/go', '')
    const events = await collect(survivor.client.runs.events(id))
    expect(events.map(({ n }) => n)).toEqual(events.map((_, at) => at + 1))
    expect(events.map(typeOf)).toEqual(['run-start', 'step-start', 'step-end', 'step-start', 'step-end', 'run-end'])
    expect((await collect(survivor.client.runs.events(gate.id))).map(typeOf)).toContain('run-end')
  })

  /** The process in which the step that waits is at work. */
  const worker = () => (existsSync(nodes.path('open/who')) ? Number(readFileSync(nodes.path('open/who'), 'utf8')) : 0)
})

const typeOf = ({ body }: Happening) => (body as { readonly type: string }).type
