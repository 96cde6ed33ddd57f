import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findProgram } from '../../../src/sandbox/process/find-program.ts'
import { documentOf } from '../../../src/tool/builtin/pdf/document.ts'
import { pdfTool } from '../../../src/tool/builtin/pdf/pdf-compiler.ts'
import { startServer } from '../../web/server.ts'
import { call, contextAt, workFolder } from '../context.ts'
import { chromiumGap, withGap } from './available.ts'

const place = workFolder()
const hasReader = (await findProgram('pdftotext', '/', process.env.PATH ?? '')) !== undefined
const gap = chromiumGap ?? (hasReader ? undefined : 'pdftotext is not installed')
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

const run = promisify(execFile)
const compile = (input: object) => call(pdfTool, input, contextAt(place.root))
const textOf = async (path: string, ...how: string[]) =>
  (await run('pdftotext', ['-layout', ...how, join(place.root, path), '-'])).stdout
const picturesOf = async (path: string) =>
  (await run('pdfimages', ['-list', join(place.root, path)])).stdout.trim().split('\n').length - 2

describe.skipIf(gap !== undefined)(withGap('pdf-compiler', gap), () => {
  test('prints headings, tables, lists and pictures, with the number on each page', async () => {
    await writeFile(join(place.root, 'dot.png'), Buffer.from(PIXEL, 'base64'))
    const rows = Array.from({ length: 80 }, (_, n) => `| day ${n} | ${n * 2} |`).join('\n')
    const content = `## Ebb\n\nThe *tide* falls.\n\n- low\n- lower\n\n![a dot](dot.png)\n\n## Flow\n\n| when | metres |\n|---|--:|\n${rows}\n`
    const made = await compile({ content, title: 'Tides', author: 'Ann', include_toc: true, output_path: 'out/t.pdf' })
    expect(made).toMatchObject({ path: 'out/t.pdf', file_size: (await readFile(join(place.root, 'out/t.pdf'))).length })
    const first = await textOf('out/t.pdf', '-l', '1')
    expect(first).toMatch(
      /^\s*Tides\s+Ann\s+Ebb\s+Flow\s+Ebb\s+The tide falls\.\s+(?:\S\s+)?low\s+(?:\S\s+)?lower\s+Flow\s+when\s+metres/,
    )
    expect(first).toMatch(/Tides\s+1\/\d/)
    const second = await textOf('out/t.pdf', '-f', '2', '-l', '2')
    expect(second).toMatch(/^\s*when\s+metres/)
    expect(second).toMatch(/2\/\d/)
    expect(await textOf('out/t.pdf')).toMatch(/day 79\s+158/)
    expect(await picturesOf('out/t.pdf')).toBeGreaterThan(0)
  })

  test('shows HTML as text, runs nothing and loads nothing', async () => {
    const { url, seen } = await startServer((_, response) => response.end())
    const content = [
      '# Own title',
      `<script>document.body.innerHTML = "run"</script>`,
      `text <b onclick="x()">bold</b> <img src="${url}/html">`,
      `<iframe src="${url}/frame"></iframe>`,
      `![chart](${url}/markdown) ![file](file:///etc/passwd)`,
      `[a](javascript:alert(1)) <style>body { background: url(${url}/style) }</style>`,
      `![x](data:image/svg+xml,<svg onload="fetch('${url}/svg')">)`,
    ].join('\n\n')
    await compile({ markdown_content: content, title: 'Tides', format: 'Letter', output_path: 'h.pdf' })
    const text = await textOf('h.pdf')
    expect(text).toContain('<script>document.body.innerHTML = "run"</script>')
    expect(text).toContain('<b onclick="x()">bold</b>')
    expect(text).toContain('[chart] [file]')
    expect(text).toMatch(/^\s*Own title/)
    expect(text).not.toContain('root:')
    expect(seen).toEqual([])
  })

  test.each([
    [{ content: '![x](x.txt)' }, { code: 'invalid_input', message: expect.stringContaining('expected a picture') }],
    [{ content: '![x](../x.png)' }, { code: 'outside_root' }],
    [{ content: 'x', output_path: '../x.pdf' }, { code: 'outside_root' }],
    [{}, { code: 'invalid_input' }],
    [{ content: 'x', format: 'docx' }, { code: 'invalid_input' }],
  ])('%j is refused', async (input, error) => {
    await expect(compile(input)).rejects.toMatchObject(error)
  })
})

test.each([
  ['<b>x</b>', /<b>|<\/b>/],
  ['[x](JavaScript:alert(1))', /javascript/i],
  ['[x](https://a.b/"onclick="x)', /"onclick/],
  ['![" onerror="x](a.png)', /" onerror/],
  ['# <img src=x>\n\n# [y](javascript:x)', /<img/],
  ['<!-- c --><svg/onload=x>', /<svg|<!-- /],
  ['`<b>`\n\n```html" onload="x\n<b>\n```', /<b>|" onload/],
  ['src="picture:0" ![x](a.png)', /p>src="picture/],
])('%s brings no HTML of its own', (markdown, forbidden) => {
  const { html } = documentOf({ markdown, contents: true, title: '<i>' })
  expect(html.slice(html.indexOf('<body>'))).not.toMatch(forbidden)
  expect(html).not.toContain('<i>')
})
