import { mkdirSync, truncateSync } from 'node:fs'
import { expect, it } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { openBench, type Running } from './commands.ts'
import { REAL } from './programs.ts'

const WAITING = `name: tides
inputs: { word: { type: string } }
steps:
  - { id: read, tool: debug, parameters: { message: "{{ file:intro.md }}" } }
  - { id: go, tool: wait-for-signal, depends_on: [read], parameters: { signal: go } }
  - { id: below, tool: pipeline-executor, depends_on: [go], parameters: { pipeline: child, inputs: { word: "{{ word }}" } } }
outputs: { read: "{{ read.message }}", said: "{{ below.outputs.said }}" }
`
const CHILD = `name: child
inputs: { word: { type: string } }
steps:
  - { id: say, tool: debug, parameters: { message: "hello {{ word }}" } }
outputs: { said: "{{ say.message }}" }
`

/** A server, and a folder elsewhere from which it is asked. */
async function openFar() {
  const far = openBench(REAL)
  const here = openBench(REAL)
  for (const folder of ['prompts', 'pipelines']) mkdirSync(here.path(folder))
  far.write('antiphon.yaml', 'embedder: none')
  here.write('tides.yaml', WAITING)
  here.write('prompts/intro.md', 'The moon pulls the water.')
  here.write('pipelines/child.yaml', CHILD)
  const serve = async (port = '0'): Promise<Running> => {
    const running = far.start(['serve', '--listen', port, '--grace', '1'])
    await running.said('use it now')
    return running
  }
  const first = await serve()
  const { url } = far.owner()!
  const made = await far.run('keys', 'api', 'create', 'test')
  const key = { ANTIPHON_KEY: made.out.trim() }
  const start = (...args: readonly string[]) => here.start([...args, '--server', url!], undefined, key)
  const run = (...args: readonly string[]) => here.runWith(key, ...args, '--server', url!)
  const keyFor = async (owner: string, scopes: string) => {
    const { out } = await far.run('keys', 'api', 'create', owner, '--owner', owner, '--scope', scopes)
    return { ANTIPHON_KEY: out.trim() }
  }
  const runAs = (as: Awaited<ReturnType<typeof keyFor>>, ...args: readonly string[]) =>
    here.runWith(as, ...args, '--server', url!)
  return { here, first, url: url!, serve, start, run, keyFor, runAs }
}

it('a run at a server looks like a local one, continues without its caller, and is followed over a restart', async () => {
  const { here, first, url, serve, start, run } = await openFar()
  const running = start('run', 'tides.yaml', '-i', 'word=ebb', '--wait')
  await running.said('✓ read')
  const id = (await run('runs')).out.match(/run_\S+/)![0]

  running.child.kill('SIGINT')
  expect(await running.ended).toMatchObject({
    code: 130,
    err: expect.stringContaining(`The work continues at ${url}. To see it:\n  antiphon resume ${id} --server ${url}\n`),
  })
  const following = start('resume', id, '--wait')
  await following.said('✓ read')
  expect((await run('inbox')).out).toContain(`antiphon signal ${id} go JSON --server ${url}`)

  first.child.kill('SIGTERM')
  await first.ended
  const again = await serve(new URL(url).port)
  expect(await run('signal', id, 'go', 'null')).toMatchObject({
    code: 0,
    err: expect.stringContaining('received `go` at step `go`'),
  })
  const { code, out, err } = await following.ended
  expect([code, out]).toEqual([0, 'read: The moon pulls the water.\nsaid: hello ebb\n'])
  expect(err.match(/✓ \w+/g)).toEqual(['✓ read', '✓ go', '✓ below'])
  expect([out, err, again].join()).not.toContain('ak_')
  expect(here.owner()).toBeUndefined()
})

it('a file too large for an ask is not sent, and a file that the server refuses gets a hint', async () => {
  const { run, here } = await openFar()
  here.write('all.txt', '')
  truncateSync(here.path('all.txt'), 600 * 1024 * 1024)
  expect(await run('ask', 'Why?', '--file', 'all.txt')).toMatchObject({
    code: 2,
    err: expect.stringContaining('all.txt is larger than 4.0 MiB.'),
  })
  truncateSync(here.path('all.txt'), 1024)
  expect(await run('ask', 'Why?', '--file', 'all.txt')).toMatchObject({
    code: 2,
    err: expect.stringContaining('all.txt cannot be read: it is not a text file'),
  })
  here.write('all.txt', 'tide '.repeat(400_000))
  expect(await run('ask', 'Why?', '--file', 'all.txt')).toMatchObject({
    code: 2,
    err: expect.stringContaining('bytes.\n  The server sets the limit with serve.maxBody'),
  })
})

it('an ask to a server is answered from local files, and refusals say what to do', async () => {
  const { here, run } = await openFar()
  expect(await run('ask', 'What pulls the water?', '--file', 'prompts/intro.md')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^The moon pulls the water\. \[1\]\n\nSources:\n {2}\[1\] prompts\/intro\.md:1 /),
    err: expect.stringContaining('✓ yield'),
  })
  for (const [args, code, says] of [
    [['runs', '--key', 'ak_1_2'], 1, /^This API key is unknown\.\n {2}Set \$ANTIPHON_KEY/],
    [['actors', 'list'], 1, /^The scope admin is required/],
    [['keys', 'audit'], 1, /^The scope audit or approve is required/],
    [['resume', 'run_x'], 2, /^There is no run or question run_x/],
    [['run', 'nowhere.yaml'], 2, /^There is no file nowhere\.yaml/],
    [['runs', '--data', 'x'], 2, /cannot be used with option '--data/],
    [['runs', '--engine', 'libsql'], 2, /cannot be combined with --engine or --restate/],
  ] as const)
    expect(await run(...args)).toMatchObject({ code, out: '', err: expect.stringMatching(says) })
  expect(await here.run('runs', '--server', 'http://127.0.0.1:1')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no server listens there\.\n {2}Look whether it runs/),
  })
})

it('a server lists its models and tools and deletes old items, and the owner of a run can ask why it waits', async () => {
  const { run, keyFor, runAs, start } = await openFar()
  expect(await run('models', 'list')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/offline\/extractive \(default\) +there/),
  })
  expect(await run('models', 'choose', '--needs', 'offline')).toMatchObject({
    code: 0,
    out: expect.stringContaining('chosen'),
  })
  expect(await run('tools', 'list')).toMatchObject({ code: 0, out: expect.stringContaining('filesystem:read') })
  expect(await runAs(await keyFor('boss', 'admin'), 'gc', '--dry-run')).toMatchObject({
    code: 0,
    err: expect.stringContaining('Nothing is old enough'),
  })
  const [ann, bob] = [await keyFor('ann', 'run,read'), await keyFor('bob', 'run,read')]
  const idFrom = async (asked: Promise<{ readonly out: string }>) => (await asked).out.match(/run_[\w-]+/)?.[0]
  const running = start('run', 'tides.yaml', '-i', 'word=ebb', '--wait')
  await running.said('✓ read')
  running.child.kill('SIGINT')
  await running.ended
  const ofLocal = (await idFrom(run('inbox')))!
  const began = runAs(ann, 'run', 'tides.yaml', '-i', 'word=ebb', '--wait')
  await until(async () => (await idFrom(runAs(ann, 'inbox'))) !== undefined)
  const ofAnn = (await idFrom(runAs(ann, 'inbox')))!
  for (const [args, says] of [
    [['why', ofAnn], 'go'],
    [['logs', ofAnn], 'read'],
    [['tree'], `run/${ofAnn}`],
  ] as const) {
    const [seen, unseen] = [await runAs(ann, ...args), await runAs(bob, ...args)]
    expect(seen).toMatchObject({ code: 0, out: expect.stringContaining(says) })
    expect([seen.out.includes(ofLocal), unseen.out.includes(ofAnn)]).toEqual([false, false])
  }
  expect(await runAs(ann, 'why', ofLocal)).toMatchObject({ code: 2, err: expect.stringMatching(/^There is no run/) })
  await runAs(ann, 'signal', ofAnn, 'go', 'null')
  expect((await began).code).toBe(0)
})

it('a second caller that names no thread gets its own', async () => {
  const { run, keyFor, runAs } = await openFar()
  const asked = ['ask', 'What pulls the water?', '--file', 'prompts/intro.md', '--thread', 'main', '--json']
  const bob = await keyFor('bob', 'ask,read')
  for (const { code, out } of [await run(...asked), await runAs(bob, ...asked)]) {
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ thread: 'main', status: 'completed', basis: 'texts' })
  }
  expect((await runAs(bob, 'ask', 'And?', '--thread', 'local:main')).code).toBe(2)
})
