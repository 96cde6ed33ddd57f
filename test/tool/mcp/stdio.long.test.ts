import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { questionOf } from '../../../src/tool/question.ts'
import { EVERYTHING, FIXTURE, isRunning, linesIn, openServer, stdio } from './bench.ts'

describe('the server of everybody, over stdio', () => {
  it('starts at the first call, pins its tools and says so', async () => {
    const { call, heard, folder, servers } = openServer(stdio(EVERYTHING))
    const before = await (await servers()).list()
    expect(before).toMatchObject([{ name: 'fix', type: 'stdio', trust: 'trusted' }])
    expect(before[0]).not.toHaveProperty('tools')
    expect(await call('echo', { message: 'ebb' })).toEqual({ text: 'Echo: ebb', data: null, content: [] })
    expect(heard).toEqual([
      expect.stringMatching(/^The tools of the MCP server fix are pinned in .*mcp\.lock\.json: \d+\.$/),
    ])
    const { servers: pins } = JSON.parse(readFileSync(join(folder, 'mcp.lock.json'), 'utf8'))
    expect(pins.fix.echo).toMatchObject({
      description: 'Echoes back the input string',
      input: { required: ['message'] },
    })
  })

  it('gives structured content as data, and saves pictures where `files` says so', async () => {
    const { call, folder } = openServer(stdio(EVERYTHING, { files: 'pictures' }))
    const { data } = await call('get-structured-content', { location: 'Chicago' })
    expect(data).toEqual({ temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 })
    const { content } = await call('get-tiny-image')
    expect(content).toEqual([
      { type: 'image', mime: 'image/png', size: 4033, path: expect.stringMatching(/^pictures\/\w{16}\.png$/) },
    ])
    expect(readFileSync(join(folder, content[0]!.path!)).subarray(1, 4).toString()).toBe('PNG')
  })

  it('has resources', async () => {
    const { context } = openServer(stdio(EVERYTHING))
    const { mcpResourceTools } = await import('../../../src/tool/builtin/mcp/mcp-resource.ts')
    const [list, read] = mcpResourceTools
    const { resources } = (await list!.execute({ server_name: 'fix' }, context)) as { resources: { uri: string }[] }
    const { uri } = resources.find((one) => one.uri.endsWith('features.md'))!
    const { text, contents } = (await read!.execute({ server_name: 'fix', uri }, context)) as {
      text: string
      contents: unknown[]
    }
    expect(text).toContain('# Everything Server - Features')
    expect(contents).toMatchObject([{ type: 'resource', uri, mime: 'text/markdown' }])
    const missing = read!.execute({ server_name: 'fix', uri: 'demo://resource/none' }, context)
    await expect(missing).rejects.toMatchObject({ code: 'mcp_refused' })
  })

  it('says with its own words that parameters are wrong', async () => {
    const { call } = openServer(stdio(EVERYTHING))
    await expect(call('get-sum', { a: 1, b: 'x' })).rejects.toMatchObject({
      code: expect.stringMatching(/tool_failed|mcp_refused/),
    })
  })
})

describe('a server of our own, by the newest revision', () => {
  it('gets the idempotency key, its own variables and few others', async () => {
    const environment = { PATH: process.env.PATH, HOME: '/nowhere', OPENAI_API_KEY: 'planted' }
    const server = stdio(FIXTURE, { env: { LOG: '', TOKEN: 'Bearer secret://fix.key' } })
    const { call, folder } = openServer(server, { environment, secrets: { 'fix.key': 'hidden' } })
    const { data } = (await call('environment')) as unknown as { data: { names: string[]; token: string } }
    expect(data.token).toBe('Bearer hidden')
    expect(data.names).toEqual(expect.arrayContaining(['HOME', 'LOG', 'PATH', 'TOKEN']))
    expect(data.names).not.toContain('OPENAI_API_KEY')
    const log = join(folder, 'log')
    const logging = openServer(stdio(FIXTURE, { env: { LOG: log } }))
    await logging.call('note', { line: 'ebb' }, { key: 'run_1/a' })
    expect(linesIn(log)).toEqual(['ebb run_1/a'])
  })

  it('may greet before its first message', async () => {
    const { call } = openServer(stdio(FIXTURE, { env: { BANNER: 'Fixture 1.0 listens' } }))
    expect(await call('note', { line: 'ebb' })).toMatchObject({ text: 'noted ebb' })
  })

  it('ends with its services, and all that it started', async () => {
    const { call, folder, servers } = openServer(stdio(FIXTURE, { env: { PIDS: '/dev/null' } }))
    const pids = join(folder, 'pids')
    const stubborn = openServer(stdio(FIXTURE, { env: { PIDS: pids } }))
    await call('note', { line: 'ebb' })
    await stubborn.call('note', { line: 'ebb' })
    const started = linesIn(pids).map(Number)
    expect(started.length).toBeGreaterThanOrEqual(2)
    expect(started.some(isRunning)).toBe(true)
    await (await stubborn.servers()).close()
    // they have the signal; the system ends them at its leisure
    await until(() => started.filter(isRunning).length === 0)
    await (await servers()).close()
    await expect(call('note', { line: 'flow' })).rejects.toThrow()
  })
})

describe('messages of a server', () => {
  it('is data: a template and a reference to a secret stay as they are', async () => {
    const { call } = openServer(stdio(FIXTURE))
    expect(await call('template')).toEqual({ text: '{{ 6 * 7 }} secret://planted', data: null, content: [] })
  })

  it('counts as made above 4 MiB', async () => {
    const { call } = openServer(stdio(FIXTURE))
    await expect(call('long')).rejects.toMatchObject({
      code: 'bad_result',
      message: expect.stringMatching(
        /^The call of fix:long was made; its result does not fit: The result has \d+ bytes;/,
      ),
    })
    expect(await call('note', { line: 'ebb' })).toMatchObject({ text: 'noted ebb' })
  })

  it('is a failure with its fields when the tool says so, without control sequences', async () => {
    const { call } = openServer(stdio(FIXTURE))
    await expect(call('fail')).rejects.toMatchObject({
      message: 'fix:fail reports a failure: no such ticket',
      result: { data: null, content: [] },
    })
  })

  it('may be a form for a person, which only a run can wait for', async () => {
    const { call } = openServer(stdio(FIXTURE))
    const asked = await call('ask').catch((error: unknown) => error)
    expect(asked).toMatchObject({ code: 'question' })
    expect(questionOf(asked)).toEqual({
      title: 'fix:ask asks: Who?',
      items: [
        { id: 'q1', type: 'text', text: 'Your name', required: true },
        { id: 'decline', type: 'boolean', text: 'true sends fix:ask no answer', required: false },
      ],
      state: { requests: { who: { q1: 'name' } }, state: 'ebb' },
    })
  })

  it('is no other request: sampling is refused, and so is a form of the older revision', async () => {
    const { call } = openServer(stdio(EVERYTHING))
    await expect(call('trigger-elicitation-request')).rejects.toMatchObject({
      message: expect.stringContaining('elicitation/create'),
    })
    const { call: callOurs } = openServer(stdio(FIXTURE))
    await expect(callOurs('sample')).rejects.toMatchObject({
      code: 'mcp_refused',
      message: expect.stringMatching(/The MCP server fix refuses: .*sampling/i),
    })
  })
})

describe('a server that dies', () => {
  it('fails its calls at once, and starts again', async () => {
    const { call, folder } = openServer(stdio(FIXTURE))
    const log = join(folder, 'log')
    const server = openServer(stdio(FIXTURE, { env: { LOG: log } }))
    const hanging = expect(server.call('hang')).rejects.toMatchObject({ code: 'unknown', name: 'UnknownError' })
    await until(() => linesIn(log).length === 1)
    await expect(server.call('die')).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringMatching(/Whether die acted is unknown: .*has ended: it ended with code 3: about to die/),
    })
    await hanging
    expect(await server.call('note', { line: 'back' })).toMatchObject({ text: 'noted back' })
    expect(linesIn(log)).toEqual(['hang call-1', 'die', 'back call-1'])
    await expect(call('die', {}, { effect: 'idempotent' })).rejects.toMatchObject({
      code: 'mcp_gone',
      name: 'RetryableError',
    })
  })

  it('before its first message is reported with what it wrote', async () => {
    const { call } = openServer(stdio(FIXTURE, { env: { EARLY: 'yes' } }))
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({
      code: 'mcp_gone',
      message: expect.stringMatching(/it ended with code 4: cannot read the licence/),
    })
  })

  it('by junk or by 100 MB is ended with an error that says so', async () => {
    const { call } = openServer(stdio(FIXTURE))
    await expect(call('junk', {}, { effect: 'idempotent' })).rejects.toMatchObject({
      code: 'bad_response',
      message: 'The MCP server fix wrote 100 lines in a row that are not messages: Segmentation fault',
    })
    await expect(call('huge', {}, { effect: 'idempotent' })).rejects.toMatchObject({ code: 'response_too_large' })
    expect(await call('note', { line: 'ebb' })).toMatchObject({ text: 'noted ebb' })
  })

  it('is not waited for by a call that was cancelled', async () => {
    const { call, folder } = openServer(stdio(FIXTURE))
    const log = join(folder, 'log')
    const server = openServer(stdio(FIXTURE, { env: { LOG: log } }))
    await call('note', { line: 'ebb' })
    const controller = new AbortController()
    const hanging = server.call('hang', {}, { signal: controller.signal })
    await until(() => linesIn(log).length === 1)
    controller.abort()
    await expect(hanging).rejects.toMatchObject({ code: 'cancelled' })
    expect(await server.call('note', { line: 'ebb' })).toMatchObject({ text: 'noted ebb' })
  })
})

describe('a program that cannot start', () => {
  it.each([
    [{ command: 'no-such-program' }, 'mcp_unreachable'],
    [{ env: { TOKEN: 'secret://absent' } }, 'secret_missing'],
    [{ from: '.mcp.json', env: { TOKEN: `\${ABSENT}` } } as const, 'mcp_untrusted'],
  ])('%o is %s', async (more, code) => {
    const { call } = openServer(stdio(FIXTURE, more))
    await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code })
  })
})
