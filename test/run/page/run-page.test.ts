import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const EVIL = '<img src=x onerror=alert(1)><script>alert(1)</script><style>*{}</style>'

test('a run as one file has its steps and its error, and hostile text in it is text', async () => {
  const { runs } = await openFolder().open()
  const text = `name: '${EVIL}'
steps:
  - { id: say, tool: debug, parameters: { message: "${EVIL}" } }
  - { id: fall, tool: filesystem, action: read, dependencies: [say], parameters: { path: "${EVIL}" } }
outputs: { '${EVIL}': '{{ say.result }}' }`
  const { id } = await runs.start({ source: { text } })
  await until(async () => (await runs.get(id)).completed_at !== null)
  const html = await runs.page(id)
  const { document } = parseHTML(html)
  expect(document.querySelectorAll('script, img, link, iframe, a, [onerror]').length).toBe(0)
  expect(document.querySelectorAll('style').length).toBe(1)
  expect(document.querySelector('meta[http-equiv]')!.getAttribute('content')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'$/,
  )
  expect(document.querySelector('h1')!.textContent).toContain(EVIL)
  const [say, fall] = [...document.querySelectorAll('details')]
  expect(say!.textContent).toContain(`"message": ${JSON.stringify(EVIL)}`)
  expect(say!.hasAttribute('open')).toBe(false)
  expect(fall!.hasAttribute('open')).toBe(true)
  expect(fall!.querySelector('.bad')!.textContent).toContain(EVIL)
  await expect(runs.page('no')).rejects.toMatchObject({ code: 'not_found' })
})
