import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { BOTH, openMcp, textOf } from './bench.ts'

/** A result that asks. */
type Asking = {
  readonly resultType: string
  readonly requestState: string
  readonly inputRequests: { readonly [name: string]: { readonly params: object } }
}

const ACCEPT = (content: object) => ({ action: 'accept', content })
const APPROVE = ACCEPT({ action: 'approve' })
const nobody = () => ({ action: 'cancel' })

/** A call in the revision of 2026 as a program makes it that keeps the state itself. */
const calling = (client: Client) => (name: string, input: object, more: object) =>
  client.callTool({ name, arguments: { ...input }, ...more } as never, { allowInputRequired: true }) as Promise<unknown>

/** A call that waits for an approval, and what its client keeps. */
async function openWaiting(...settings: readonly string[]) {
  const bench = await openMcp(...settings)
  const token = await bench.key()
  const { client } = await bench.connect({ token, person: nobody })
  const call = calling(client)
  const input = { log: bench.log, line: 'ebb' }
  const asked = (await call('note', input, {})) as Asking
  const [run] = await bench.runtime.runs.list()
  const retry = (responses: object = {}, state = asked.requestState) =>
    call('note', input, { requestState: state, inputResponses: responses }) as Promise<CallToolResult>
  return { ...bench, token, call, input, asked, retry, run: run!.id }
}

describe('a call that waits for a person', () => {
  it('hands the client a form, and goes on with the answer', async () => {
    const { connect, log, noted } = await openMcp()
    const questions: object[] = []
    const { call } = await connect({
      person(question) {
        questions.push(question)
        expect(noted()).toEqual([])
        return APPROVE
      },
    })
    expect(await call('note', { log, line: 'ebb' })).toMatchObject({ structuredContent: { noted: 'ebb' } })
    expect(noted()).toHaveLength(1)
    expect(questions).toMatchObject([
      {
        message: expect.stringMatching(/^Call note\? [^\n]+\n\n\{\n.*\n *"line": "ebb"/),
        requestedSchema: { properties: { action: { enum: ['approve', 'reject'] } }, required: ['action'] },
      },
    ])
  })

  it.each([
    [
      'rejects it with a reason',
      ACCEPT({ action: 'reject', reason: 'not at night' }),
      /refused the call: not at night/,
    ],
    ['declines', { action: 'decline' }, /refused the call/],
  ])('is not made when the person %s', async (_, answer, words) => {
    const { connect, log, noted } = await openMcp()
    const { call } = await connect({ person: () => answer })
    const result = await call('note', { log, line: 'ebb' })
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'refused' } } })
    expect(textOf(result)).toMatch(words)
    expect(noted()).toEqual([])
  })

  it.each(BOTH)('says how to go on where the client cannot ask, in the revision %s', async (era) => {
    const { connect, runtime, log, noted } = await openMcp()
    const { call } = await connect({ era })
    const waiting = await call('note', { log, line: 'ebb' })
    const run = waiting._meta!['antiphon/run'] as string
    expect(waiting).toMatchObject({ isError: true, structuredContent: { error: { code: 'waiting', place: { run } } } })
    expect(textOf(waiting)).toContain(`antiphon signal ${run} approve_call approve. Then call the tool \`result\``)
    expect(await call('result', { run })).toEqual(waiting)
    await runtime.runs.signal(run, 'approve_call', 'approve')
    expect(await call('result', { run })).toMatchObject({ structuredContent: { noted: 'ebb' } })
    expect(noted()).toHaveLength(1)
  })

  it('waits on when the person closes the form', async () => {
    const { connect, runtime, log } = await openMcp()
    const { call } = await connect({ person: nobody })
    expect(await call('note', { log, line: 'ebb' })).toMatchObject({
      structuredContent: { error: { code: 'waiting' } },
    })
    expect(await runtime.inbox.list()).toHaveLength(1)
  })

  it('finds an answer that was given elsewhere', async () => {
    const { retry, runtime, run, noted } = await openWaiting()
    await runtime.runs.signal(run, 'approve_call', 'approve')
    expect(await retry()).toMatchObject({ structuredContent: { noted: 'ebb' } })
    // too late
    expect(await retry({ approve_call: ACCEPT({ action: 'reject' }) })).toMatchObject({
      structuredContent: { noted: 'ebb' },
    })
    expect(noted()).toHaveLength(1)
  })

  it('takes an answer once, however often it comes', async () => {
    const { retry, noted } = await openWaiting()
    const answers = await Promise.all([
      retry({ approve_call: APPROVE }),
      retry({ approve_call: APPROVE }),
      retry({ approve_call: APPROVE }),
    ])
    for (const answer of answers) expect(answer).toMatchObject({ structuredContent: { noted: 'ebb' } })
    expect(noted()).toHaveLength(1)
  })

  it('asks again where nothing was answered, and says what was wrong with an answer', async () => {
    const { retry, noted } = await openWaiting()
    expect(await retry()).toMatchObject({ resultType: 'input_required' })
    const again = (await retry({ approve_call: ACCEPT({ action: 'perhaps' }) })) as unknown as Asking
    expect(again.inputRequests.approve_call!.params).toMatchObject({
      message: expect.stringMatching(/^Expected one of approve.*\n\nCall note\?/),
    })
    expect(await retry({ approve_call: APPROVE }, again.requestState)).toMatchObject({
      structuredContent: { noted: 'ebb' },
    })
    expect(noted()).toHaveLength(1)
  })

  it('refuses a state that was changed, and one of another owner or call', async () => {
    const { retry, asked, call, connect, key, input, log, noted } = await openWaiting()
    const [version, body, mac] = asked.requestState.split('.') as [string, string, string]
    const changed = JSON.parse(Buffer.from(body, 'base64url').toString())
    changed.p.run = 'run_other'
    const forged = [version, Buffer.from(JSON.stringify(changed)).toString('base64url'), mac].join('.')
    for (const state of [forged, `${asked.requestState}A`, 'v1.x.y', ''])
      await expect(retry({ approve_call: APPROVE }, state)).rejects.toThrow(/requestState/)
    const other = await connect({ token: await key('bob'), person: nobody })
    const stolen = { requestState: asked.requestState, inputResponses: { approve_call: APPROVE } }
    await expect(calling(other.client)('note', input, stolen)).rejects.toThrow(/requestState/)
    expect(await call('say', { letters: 1 }, stolen)).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'invalid_input', place: { path: 'requestState' } } },
    })
    expect(noted()).toEqual([])
    expect(await call('note', { log, line: 'ebb' }, stolen)).toMatchObject({ structuredContent: { noted: 'ebb' } })
  })
})

const FORM = `name: form
steps:
  - id: name
    tool: user-prompt
    parameters: { prompt: Your name, context: api }
  - id: size
    tool: user-prompt
    parameters: { prompt: Which size, input_type: choice, choices: [small, 7], context: api }
  - id: more
    tool: feedback-collection
    depends_on: [size]
    parameters:
      title: Two more
      context: api
      questions: [{ id: fast, type: boolean, text: Fast? }, { id: tags, type: multiple_choice, text: Tags, options: [a, b] }]
outputs: { name: "{{ name.value }}", size: "{{ size.value }}", more: "{{ more.responses }}" }
`

it('questions of a pipeline are fields of forms, several at once', async () => {
  const { connect } = await openMcp('#', FORM)
  const asked: string[] = []
  const { call } = await connect({
    person({ message }) {
      asked.push(message)
      if (message === 'Your name') return ACCEPT({ value: 'Ada' })
      if (message === 'Which size') return ACCEPT({ value: '7' })
      return ACCEPT({ fast: true, tags: ['a'] })
    },
  })
  const result = await call('greet', {})
  expect(textOf(result) && result.structuredContent).toEqual({
    name: 'Ada',
    size: 7,
    more: { fast: true, tags: ['a'] },
  })
  expect(asked.toSorted()).toEqual(['Two more', 'Which size', 'Your name'])
})
