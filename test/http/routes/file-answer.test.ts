import { expect, it } from 'vitest'
import { fileAnswer } from '../../../src/http/routes/file-answer.ts'

const file = `file_${'a'.repeat(64)}`
const BYTES = Uint8Array.from({ length: 100 }, (_, at) => at)

async function* content(start: number, end: number) {
  yield BYTES.subarray(start, end)
}

async function ask(headers: { readonly [name: string]: string } = {}, of: object = {}, method = 'GET') {
  const about = { file, type: 'image/png', name: 'photo.png', bytes: BYTES.length, ...of }
  let opened = 0
  const response = await fileAnswer(about, { method, headers: new Headers(headers) }, async ({ start, end }) => {
    opened++
    return { content: () => content(start, end) }
  })
  return { response, opened, header: (name: string) => response.headers.get(name) }
}

const RANGES: readonly [range: string, start: number, end: number][] = [
  ['bytes=0-9', 0, 10],
  ['bytes=90-', 90, 100],
  ['bytes=-5', 95, 100],
  ['bytes=-500', 0, 100],
  ['bytes=99-200', 99, 100],
]

it.each(RANGES)('answers %s with that part', async (range, start, end) => {
  const { response, header } = await ask({ range })
  expect(response.status).toBe(206)
  expect(header('content-range')).toBe(`bytes ${start}-${end - 1}/100`)
  expect(header('content-length')).toBe(String(end - start))
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES.subarray(start, end))
})

it.each(['bytes=100-', 'bytes=-0', 'bytes=200-300'])('refuses %s, which holds no byte', async (range) => {
  const { response, header, opened } = await ask({ range })
  expect([response.status, header('content-range'), opened]).toEqual([416, 'bytes */100', 0])
  expect(await response.json()).toMatchObject({ code: 'range_outside' })
})

it.each(['bytes=9-3', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=', 'bytes=x-y'])('gives all for %s', async (range) => {
  const { response } = await ask({ range })
  expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 100])
})

it('gives a part only of the file that `if-range` names', async () => {
  const range = 'bytes=0-9'
  expect((await ask({ range, 'if-range': `"${file}"` })).response.status).toBe(206)
  expect((await ask({ range, 'if-range': '"other"' })).response.status).toBe(200)
})

it('opens nothing for a client that has the file, or asks for the headers alone', async () => {
  const known = await ask({ 'if-none-match': `W/"x", "${file}"` })
  expect([known.response.status, known.opened]).toEqual([304, 0])
  const head = await ask({}, {}, 'HEAD')
  expect([head.response.status, head.header('content-length'), head.opened]).toEqual([200, '100', 0])
})

const SHOWN = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'audio/mpeg', 'video/mp4']
const KEPT = ['text/html', 'image/svg+xml', 'application/pdf', 'image/tiff', 'text/plain', 'text/xml']

it.each([...SHOWN.map((type) => [type, 'inline'] as const), ...KEPT.map((type) => [type, 'attachment'] as const)])(
  'gives %s as %s, and runs nothing',
  async (type, how) => {
    const { header } = await ask({}, { type })
    expect(header('content-disposition')).toMatch(new RegExp(`^${how}; `))
    expect(header('content-type')).toBe(type)
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(header('cross-origin-resource-policy')).toBe('same-origin')
    expect(header('cache-control')).toBe('private')
    expect(header('etag')).toBe(`"${file}"`)
  },
)

const NAMES = [
  ['Ägypten "1".png', `filename="_gypten _1_.png"; filename*=UTF-8''%C3%84gypten%20%221%22.png`],
  ['a\r\nset-cookie: b=c', `filename="a__set-cookie: b=c"; filename*=UTF-8''a__set-cookie%3A%20b%3Dc`],
  ['../../x;y%41', `filename=".._.._x_y_41"; filename*=UTF-8''.._.._x%3By%2541`],
  ["it's (1)*.png", `filename="it's (1)*.png"; filename*=UTF-8''it%27s%20%281%29%2A.png`],
  ['gpj.\u202eexe', `filename="gpj._exe"; filename*=UTF-8''gpj._exe`],
  ['\ud800.png', `filename="_.png"; filename*=UTF-8''%EF%BF%BD.png`],
] as const

it.each(NAMES)('writes the name %j into one header', async (name, expected) => {
  expect((await ask({}, { name })).header('content-disposition')).toBe(`inline; ${expected}`)
})

it('gives a record with a strange type as bytes', async () => {
  const { header } = await ask({}, { type: 'text/html\r\nx: y' })
  expect(header('content-type')).toBe('application/octet-stream')
  expect(header('content-disposition')).toMatch(/^attachment/)
})
