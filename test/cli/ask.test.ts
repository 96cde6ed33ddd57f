import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import { until } from '../../src/testing/until.ts'
import type { AskRequest } from '../../src/thread/room/port.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { FAKE, type Program, REAL } from './programs.ts'

it('prints the answer, then its sources as file:line', async () => {
  const bench = openBench()
  bench.write('notes.md', 'so it is')
  const { code, out, err } = await bench.run('ask', 'Why so?', '--file', 'notes.md')
  expect(code).toBe(0)
  expect(out).toBe('So: Why so? [1]\n\nSources:\n  [1] notes.md:3-4  so it is\n')
  expect(err).toContain('✓ action  3 ms')
})

it('prints the answer as JSON', async () => {
  const bench = openBench()
  const { out } = await bench.run('ask', 'Why?', '--json', '--thread', 'contract', '--id', 'ask_1')
  expect(JSON.parse(out)).toMatchObject({ id: 'ask_1', thread: 'contract', answer: 'So: Why?', citations: [] })
})

it('prints a refusal as JSON, too', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  write('bread.md', 'Bread is made of flour.')
  const refused = await run('ask', 'When does the ship leave?', '--file', 'bread.md', '--json', '--id', 'ask_1')
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('answers this') })
  expect(JSON.parse(refused.out)).toMatchObject({
    id: 'ask_1',
    thread: 'thread_1',
    status: 'failed',
    problem: { code: 'refused', message: expect.stringContaining('answers this') },
  })
  const unread = await run('ask', 'Why?', '--file', 'missing.md', '--json')
  expect([unread.code, JSON.parse(unread.out).problem.message]).toEqual([2, 'There is no file missing.md.'])
})

it('refuses a model that is unknown, and the id stays free', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  write('ship.md', 'The ship leaves the harbour at noon.')
  const ask = (model: string) =>
    run('ask', 'When does the ship leave the harbour?', '--file', 'ship.md', '--id', 'ask_1', '--model', model)
  const { code, err } = await ask('ofline/extractive')
  expect([code, err]).toEqual([2, expect.stringContaining('There is no model ofline/extractive')])
  expect(err).toContain('Did you mean offline?')
  expect(await ask('offline/extractive')).toMatchObject({ code: 0, out: expect.stringContaining('at noon') })
})

it('says how a file was read even if it finds no answer in it', async () => {
  const { run, path } = openBench(REAL)
  await writeFile(path('antiphon.yaml'), 'embedder: none')
  await writeFile(path('hafen.txt'), 'Der Kapit\xe4n hei\xdft M\xfcller.', 'latin1')
  const refused = await run('ask', 'Where is the oldest lighthouse?', '--file', 'hafen.txt', '--json')
  expect([refused.code, JSON.parse(refused.out).problem]).toMatchObject([
    1,
    { code: 'refused', message: expect.stringContaining('hafen.txt was read as windows-1252') },
  ])
  expect(refused.err).toContain('was read as windows-1252')
})

it('answers from the memory, and names the record', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  const id = (await run('memory', 'add', '--text', 'Oslo', '--subject', 'home of Eve', '--space', 'people')).out.trim()
  const asked = ['ask', 'Where is the home of Eve?'] as const
  expect((await run(...asked, '--id', 'ask_1')).out).toBe(`Oslo [1]\n\nSources:\n  [1] memory ${id}  Oslo\n`)
  expect((await run('memory', 'show', id)).out).toMatch(/^ {2}cited: .* by ask_1 on thread_1$/m)
  const { out } = await run('show', 'ask_1')
  expect(out).toMatch(
    /^Where is the home of Eve\? {2}completed {2}ask_1\nthread thread_1 · .* · 1 cycle · .* tokens in/,
  )
  expect(out).toMatch(new RegExp(`✓ experience.vectors .*\n    \\* v1 +\\d.\\d\\d {2}memory ${id} {2}Oslo\\n`))
  expect(out).toMatch(/\n {2}cycle 1: yield: complete\n/)
  expect(await run('show', 'ask_2')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/There is no run or question ask_2\.[\s\S]*--thread/),
  })
  for (const option of [['--no-memory'], ['--space', 'work'], ['--as-of', '2020-01-01']])
    expect((await run(...asked, ...option)).code).toBe(1)
  const both = await run(...asked, '--no-memory', '--remember')
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('got both') })
})

it('says that it is not sure of an answer', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  write('resume.md', 'Steps that were finished are not started again.')
  const asked = ['ask', 'Which steps were finished by somebody?', '--file', 'resume.md'] as const
  expect((await run(...asked)).out).toMatch(/^Not sure; this may not answer the question:\n\nSteps that were finished/)
  expect(JSON.parse((await run(...asked, '--json')).out)).toMatchObject({ unsure: true })
})

it('streams the answer to a screen while the model writes it', async () => {
  const { path, write } = openBench(REAL)
  const seen: string[] = []
  const shown = vi.spyOn(process.stderr, 'write').mockImplementation((text) => seen.push(String(text)) > 0)
  const chunk = (content: string, end: object = {}) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, ...end }] })}\n\n`
  const server = createServer(async (_, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.write(chunk('The ship '))
    await until(() => seen.some((text) => text.includes('The ship')))
    reply.end(`${chunk('leaves at noon [v1].', { finish_reason: 'stop' })}data: [DONE]\n\n`)
  }).listen(0)
  try {
    const { port } = server.address() as AddressInfo
    const lab = `{ lab: { type: openai-compatible, baseURL: 'http://127.0.0.1:${port}/v1' } }`
    write('antiphon.yaml', `model: lab/one\nembedder: none\nproviders: ${lab}\n`)
    write('ship.md', 'The ship leaves the harbour at noon.')
    const args = ['ask', 'When does the ship leave?', '--file', 'ship.md', '--quick']
    const { code, out, err } = await runHere(REAL, args, { folder: path('.'), live: true })
    expect([code, out || err]).toEqual([0, expect.stringMatching(/^The ship leaves at noon \[1\]\.\n\nSources:\n/)])
  } finally {
    shown.mockRestore()
    server.close()
  }
})

it('says that an answer has no source where no text was given', async () => {
  const { out } = await openBench().run('ask', 'Why?')
  expect(out).toBe('So: Why?\n\nNo source: the answer is not based on a text that you gave.\n')
})

it('asks on a thread of its own, unless --thread or --continue names one', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  write('ship.md', 'The ship leaves the harbour at noon.')
  write('bread.md', 'Bread is made of flour.')
  const ask = async (...args: readonly string[]) => {
    const { code, out, err } = await run('ask', ...args, '--json')
    return { code, err, ...(out !== '' && JSON.parse(out)) }
  }
  expect((await ask('When does it leave?', '--continue')).err).toContain('There is no thread to continue.')
  expect(await ask('When does the ship leave?', '--file', 'ship.md', '--id', 'ask_1')).toMatchObject({
    code: 0,
    thread: 'thread_1',
    basis: 'texts',
  })
  expect(await ask('When does the ship leave?', '--file', 'bread.md')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nothing in'),
  })
  expect((await ask('When does the ship leave?')).code).toBe(1)
  expect(await ask('What is bread made of?', '--file', 'bread.md', '--id', 'ask_2')).toMatchObject({
    thread: 'thread_2',
  })
  expect(await ask('Of what is bread made?', '--continue')).toMatchObject({ code: 0, thread: 'thread_2' })
  expect(await ask('Of what is bread made?', '--id', 'ask_1')).toMatchObject({ code: 2, problem: { code: 'id_taken' } })
  // nothing of the earlier question is shown
  expect((await run('ask', 'Of what is bread made?', '--id', 'ask_1')).err).not.toContain('experience')
  expect(await ask('When does the ship leave?', '--id', 'ask_1')).toMatchObject({ code: 0, thread: 'thread_1' })
})

it('resumes a question on a thread that it does not name, and says when none has it', async () => {
  const { run, write } = openBench(REAL)
  write('antiphon.yaml', 'embedder: none')
  await run('ask', 'Why?', '--thread', 'mine', '--id', 'ask_1')
  const failed = { code: 1, err: expect.stringContaining('There is no text to answer from') }
  expect(await run('resume', 'ask_1')).toMatchObject(failed)
  expect(await run('cancel', 'ask_1')).toMatchObject({ err: expect.stringContaining('The ask ask_1 has ended') })
  expect((await run('threads', 'show', 'mine')).out).toContain('> Why?\n[failed (ask_1)] There is no text')
  const unknown = { code: 2, err: expect.stringMatching(/^There is no run or question ask_2\.[\s\S]*--thread THREAD/) }
  expect(await run('resume', 'ask_2')).toMatchObject(unknown)
})

it('tells the command that continues a question with all its options', async () => {
  const given = [
    ...['--model', 'yield=lab/a,lab/b'],
    ...['--domain', 'legal'],
    '--quick',
    ...['--tools', 'read', '--tools', 'grep'],
  ]
  const more = [
    '--no-web',
    ...['--check', 'cited'],
    ...['--space', 'people'],
    ...['--as-of', '2026-02-01T00:00:00.000Z'],
  ]
  const program = listening([], () => {
    throw new TerminalError('The engine stopped', { code: 'stopped' })
  })
  const { err } = await openBench(program).run('ask', 'Why?', '--id', 'ask_1', ...given, ...more)
  const command = ['antiphon ask', "'Why?'", '--thread thread_1', ...given, ...more, '--id ask_1'].join(' ')
  expect(err).toContain(`To continue:\n  ${command}\n`)
})

it('shows how the phase ended that a question failed in', async () => {
  const { code, err } = await openBench(REAL).run('ask', 'Why?')
  expect(code).toBe(1)
  expect(err).toMatch(/^ {2}! action .*\n/)
  expect(err).toContain('There is no text to answer from')
})

it.each<[args: readonly string[], request: object]>([
  [['--model', 'lab/large, lab/small'], { models: { default: ['lab/large', 'lab/small'] } }],
  [
    ['--model', 'yield=lab/large,lab/small', '--model', 'yield=lab/third', '--model', 'lab/small'],
    { models: { yield: ['lab/large', 'lab/small', 'lab/third'], default: ['lab/small'] } },
  ],
  [['--modality', 'vision'], { modality: 'vision' }],
  [['--quick'], { quick: true }],
  [['--file', '.', '--file', '**/*.md'], { files: [expect.any(String), expect.stringMatching(/\/\*\*\/\*\.md$/)] }],
])('asks with %j', async (args, request) => {
  const asked: AskRequest[] = []
  const { code } = await openBench(listening(asked)).run('ask', 'Why?', ...args)
  expect({ code, asked }).toMatchObject({ code: 0, asked: [request] })
})

function listening(asked: AskRequest[], then = () => {}): Program {
  const configure: Program['configure'] = async (where) => {
    const found = await FAKE.configure(where)
    const open: typeof found.open = async (...given) => {
      const runtime = await found.open(...given)
      const ask: typeof runtime.threads.ask = (request, ...more) => {
        asked.push(request)
        then()
        return runtime.threads.ask(request, ...more)
      }
      return { ...runtime, threads: { ...runtime.threads, ask } }
    }
    return { ...found, open }
  }
  return { ...FAKE, configure }
}

it.each([
  [['ask', 'nothing'], 'This is no question.'],
  [['ask', 'Why?', '--file', 'missing.md'], 'There is no file missing.md.'],
  [['ask', 'Why?', '--file', 'https://example.com/a.md'], 'Expected a file, got the address https://example.com/a.md.'],
  [['ask', 'Why?', '--thread', ''], '"" cannot be used in an address.\n  Expected an id or a name.'],
  [['ask', 'Why?', '--thread', '..'], '".." cannot be used in an address.'],
  [
    ['ask', 'Why?', '--file', 'photo.heic'],
    'photo.heic is image/heic, and no reader of an ask reads that.\n  Save it in a form that is read, such as JPEG, PDF or text.',
  ],
  [['ask', 'Why?', '--thread', 'a', '--continue'], 'cannot be used with option'],
  [['ask', 'Why?', '--thread', 'a b'], 'letters, digits, hyphens'],
  [['ask', 'Why?', '--model', 'lab/large,'], 'Expected a model, such as'],
  [['ask', 'Why?', '--model', 'yield='], 'Expected a model, such as'],
  [['resume', 'ask_1'], 'Nothing was started here yet'],
])('refuses %j', async (args, words) => {
  const bench = openBench()
  bench.write('photo.heic', '\0\0\0\u0018ftypheic\0\0\0\0mif1heic')
  const { code, err } = await bench.run(...args)
  expect(code).toBe(2)
  expect(err).toContain(words)
})

it('reads the question from standard input', async () => {
  const { folder } = openBench()
  const ask = (given?: string) =>
    runHere(FAKE, ['ask', '-'], { folder, ...(given !== undefined && { handed: async () => given }) })
  expect(await ask(' Why so?\n')).toMatchObject({ code: 0, out: expect.stringContaining('So: Why so?\n') })
  const hint = 'antiphon ask - < FILE'
  expect(await ask('\n')).toMatchObject({ code: 2, err: expect.stringMatching(`got nothing.\n +Pass it in: ${hint}`) })
  expect(await ask()).toMatchObject({ code: 2, err: expect.stringContaining('got a keyboard') })
})
