import { describe, expect, test } from 'vitest'
import { compileText } from '../../../src/pipeline/language/compile.ts'
import { actTool } from '../../../src/tool/builtin/web/act.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { openBench } from '../../cli/commands.ts'
import { REAL } from '../../cli/programs.ts'
import { startServer } from '../../web/server.ts'
import { contextAt, workFolder } from '../context.ts'
import { services } from '../services.ts'
import { chromiumGap, withGap } from './available.ts'

const place = workFolder()
const FORM = `<!doctype html><title>Order</title>
<form method=post action=/sent enctype=multipart/form-data>
  <label>Name <input name=name></label><label>Name of the ship <input name=ship></label>
  <label>Password <input type=password name=word></label><label>Code <input name=code></label>
  <label>Tide <select name=tide><option value=e>Ebb</option><option value=f>Flood</option></select></label>
  <label>Letter <input type=file name=letter></label>
  <button>Send</button><button>Send later</button><button type=button onclick="confirm('Sure?')">Ask</button>
</form><a href=http://127.0.0.2/>away</a>`

/** A server with the form, and the tool in front of it. `told`: what it says before each action. */
async function open() {
  const server = await startServer(({ url, method }, response) => {
    response.setHeader('content-type', 'text/html')
    // a form that is sent to /hang is never answered
    if (method === 'POST' && url === '/hang') return
    if (method === 'POST' && url === '/cut') return response.destroy()
    if (method === 'POST' && url === '/away') return response.writeHead(302, { location: 'http://127.0.0.2/' }).end()
    if (method === 'GET' && url !== '/') return response.end(FORM.replace('/sent', url!))
    response.end(method === 'POST' ? '<title>Thanks</title><p>Got it</p>' : FORM)
  })
  const told: { doing: string; number: number; of: number; picture: { bytes: string } }[] = []
  const notes: object[] = []
  const context = {
    ...contextAt(place.root, { services: services({ web: { allow: ['127.0.0.1'], ports: [server.port] } }) }),
    progress: async (value: unknown) => void told.push(value as (typeof told)[number]),
    tell: (note: object) => void notes.push(note),
    files: {
      add: async (bytes: Uint8Array, { name }: { name: string }) => {
        const ref = { file: `file_${'0'.repeat(64)}`, type: 'image/jpeg', name, bytes: bytes.length }
        return { ...ref, content: Buffer.from(bytes).toString('base64') }
      },
      find: async (file: string) => ({ file, type: 'text/plain', name: 'letter.txt', bytes: 4 }),
      read: async () => Buffer.from('ebb!'),
    } as never,
  }
  const act = (...actions: readonly object[]) => actTool.execute({ actions, timeout: 20 }, context)
  return { ...server, told, notes, act, posts: () => server.seen.filter(({ method }) => method === 'POST') }
}

const send = { click: { role: 'button', name: 'Send' } }

describe.skipIf(chromiumGap !== undefined)(withGap('headless-browser:act'), () => {
  test('fills a form by what a person sees, sends it, and tells each action before it is done', async () => {
    const { url, act, told, posts } = await open()
    const result = await act(
      { open: url },
      { fill: { label: 'Name' }, text: 'Ada' },
      { fill: { selector: '[name=code]' }, text: '{{ 6 * 7 }}' },
      { select: { label: 'Tide' }, option: 'Flood' },
      { upload: { label: 'Letter' }, file: 'file_1' },
      { press: 'Tab' },
      send,
      { wait: { selector: 'p' } },
    )
    expect(result).toMatchObject({ url: `${url}/sent`, status_code: 200, title: 'Thanks', text: 'Got it' })
    expect(told.map(({ doing, number, of }) => [number, of, doing])).toEqual([
      [2, 8, 'fill the field "Name"'],
      [3, 8, 'fill [name=code]'],
      [4, 8, 'select "Flood" in the field "Tide"'],
      [5, 8, 'upload file_1 to the field "Letter"'],
      [6, 8, 'press Tab'],
      [7, 8, 'click the button "Send"'],
    ])
    expect(told.every(({ picture }) => (picture.bytes as never as number) > 1000)).toBe(true)
    const [{ body } = { body: '' }] = posts()
    expect(posts()).toHaveLength(1)
    for (const part of [
      /name="name"\s+Ada\s/,
      /name="code"\s+\{\{ 6 \* 7 \}\}\s/,
      /name="tide"\s+f\s/,
      /letter\.txt[\s\S]*ebb!/,
    ])
      expect(body).toMatch(part)
  })

  test('types a secret only where its hosts say, and its field is blank in pictures', async () => {
    const { url, act, told, posts } = await open()
    const login = (secret: string, hosts: readonly string[]) =>
      act({ open: url }, { fill: { label: 'Code' }, secret, hosts }, send)
    await expect(login('s3cret', ['example.com'])).rejects.toThrow(
      `The secret is for https://example.com, and the page is of ${url}: it was not typed.`,
    )
    await expect(login('s3cret', ['127.0.0.1'])).rejects.toThrow('it was not typed')
    expect(posts()).toEqual([])
    const before = told.length
    await login('s3cret', [url])
    await login('another', [url])
    expect(posts().map(({ body }) => /s3cret|another/.exec(body)?.[0])).toEqual(['s3cret', 'another'])
    const [, first, , second] = told.slice(before).map((one) => (one.picture as never as { content: string }).content)
    expect(second).toBe(first)
    expect(JSON.stringify(told.map(({ doing }) => doing))).not.toContain('s3cret')
  })

  test('says what it did not do, and does nothing after that', async () => {
    const { url, act, posts } = await open()
    const missing = act({ open: url }, { click: { role: 'button', name: 'Delete' } })
    await expect(missing).rejects.toMatchObject({ message: `The page ${url}/ has no button "Delete".` })
    await expect(act({ open: url }, { click: { role: 'button' } })).rejects.toThrow(
      'The page has 4 elements for the button.',
    )
    await expect(
      act({ open: url }, { fill: { label: 'Name' }, text: 'Ada' }, { press: 'Nothing' }),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('2 of 3 actions were done before'),
    })
    await expect(act(send)).rejects.toThrow('Expected `open` as the first of `actions`.')
    await expect(act({ open: 'http://127.0.0.3/' })).rejects.toMatchObject({ code: 'address_refused' })
    await expect(act({ open: url }, { fill: { selector: 'a' }, text: 'x' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(posts()).toEqual([])
  })

  test('the outcome is unknown where the server gives no answer, and the result tells what the page asked', async () => {
    const { url, act, posts, notes } = await open()
    const at = async (path: string) => act({ open: `${url}${path}` }, send)
    await expect(at('/cut')).rejects.toMatchObject({
      name: 'UnknownError',
      message: expect.stringContaining('click the button "Send"'),
    })
    await expect(at('/away')).rejects.toMatchObject({ name: 'UnknownError' })
    const press = act({ open: `${url}/hang` }, { fill: { label: 'Code' }, text: '1' }, { press: 'Enter' })
    await expect(press).rejects.toMatchObject({ name: 'UnknownError', message: expect.stringContaining('press Enter') })
    expect(posts().map(({ path }) => path)).toEqual(['/cut', '/away', '/hang'])
    await act({ open: url }, { click: { role: 'button', name: 'Ask' } })
    expect(notes).toEqual([{ warning: 'the page asked "Sure?", and the answer was no' }])
  })

  test('a run that is killed in a click asks whether it took place, and the inbox shows that click and the page before it', async () => {
    const { url, port, posts } = await open()
    const bench = openBench(REAL)
    bench.write('antiphon.yaml', `web: { allow: [127.0.0.1], ports: [${port}] }`)
    const actions = [{ open: url }, { fill: { label: 'Name' }, text: 'Ada' }, send]
    bench.write(
      'order.yaml',
      JSON.stringify({
        name: 'order',
        steps: [{ id: 'order', tool: 'headless-browser', action: 'act', parameters: { actions } }],
      }),
    )
    const { child, ended } = bench.start(['run', 'order.yaml'])
    await expect.poll(() => posts().length, { timeout: 60_000, interval: 5 }).toBe(1)
    child.kill('SIGKILL')
    await ended
    const [{ id }] = JSON.parse((await bench.run('runs', '--json')).out) as [{ id: string }]
    const { code, err } = await bench.run('resume', id)
    expect(code).toBe(1)
    expect(err).toContain('Did headless-browser:act take place? It was interrupted.')
    const [item] = JSON.parse((await bench.run('inbox', '--json')).out) as [{ progress: { picture: { file: string } } }]
    const { picture } = item.progress
    expect(item).toMatchObject({
      progress: { doing: 'click the button "Send"', number: 3, of: 3, picture: { type: 'image/jpeg' } },
      files: [expect.objectContaining({ file: picture.file })],
    })
    expect((await bench.run('inbox')).out).toContain('it last said: ')
    expect(posts()).toHaveLength(1)
  })
})

test('a secret that stands anywhere but in `secret` is refused before the run', () => {
  const findings = (action: object) =>
    compileText(
      JSON.stringify({
        name: 'x',
        steps: [{ id: 'a', tool: 'headless-browser', action: 'act', parameters: { actions: [action] } }],
      }),
      { file: 'p.yaml', toolbox: createToolbox([actTool]) },
    ).findings.filter(({ severity }) => severity === 'error')
  const fill = { fill: { label: 'Password' } }
  expect(findings({ ...fill, secret: 'secret://shop', hosts: ['example.com'] })).toEqual([])
  expect(findings({ ...fill, text: 'secret://shop' })).toMatchObject([{ code: 'not_supported' }])
  expect(findings({ open: 'https://example.com/?key=secret://shop' })).toMatchObject([{ code: 'not_supported' }])
})
