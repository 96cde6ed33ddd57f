import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { browserTools } from '../../../src/tool/builtin/web/browser.ts'
import { startServer } from '../../web/server.ts'
import { call, contextAt, workFolder } from '../context.ts'
import { services } from '../services.ts'
import { chromiumGap, withGap } from './available.ts'

// Chromium takes seconds to start, and several times as long where other suites use the same cores

const place = workFolder()
const SCRIPTED =
  '<!doctype html><html><head><title>Tides</title></head><body><main></main><script>document.querySelector("main").innerHTML = "<h1>Ebb</h1><p id=low>low water</p>"</script>'
const PLAIN = '<!doctype html><title>Tides</title><body><script></script>'

async function open(pages: { readonly [path: string]: string }) {
  const server = await startServer(({ url }, response) => {
    response.setHeader('content-type', 'text/html')
    response.writeHead(pages[url!] === undefined ? 404 : 200).end(pages[url!])
  })
  const context = contextAt(place.root, { services: services({ web: { allow: ['127.0.0.1'], ports: [server.port] } }) })
  const use = (action: string, input: object) =>
    call(browserTools.find(({ name }) => name === `headless-browser:${action}`)!, input, context)
  return { ...server, use }
}

describe.skipIf(chromiumGap !== undefined)(withGap('headless-browser in Chromium'), () => {
  test('reads what scripts wrote: on request, and where the page is empty without them', async () => {
    const { url, use } = await open({ '/': SCRIPTED, '/text': `${SCRIPTED}<p>flow</p>` })
    expect(await use('navigate', { url })).toMatchObject({ text: '# Ebb\n\nlow water', reader: 'chromium' })
    expect(await use('extract', { url, selector: '#low' })).toMatchObject({ text: 'low water', reader: 'chromium' })
    expect(await use('navigate', { url: `${url}/text` })).toMatchObject({ text: 'flow', reader: 'fetch' })
    const whole = await use('navigate', { url: `${url}/text`, javascript: true })
    expect(whole).toMatchObject({ text: expect.stringContaining('low water'), reader: 'chromium', status_code: 200 })
    expect(await use('navigate', { url, javascript: false })).toMatchObject({ text: '', reader: 'fetch' })
  })

  test('a page that stays empty is empty, and a page that is not there is an error', async () => {
    const { url, use } = await open({ '/': PLAIN })
    expect(await use('navigate', { url })).toMatchObject({ title: 'Tides', text: '', reader: 'chromium' })
    const gone = { url: `${url}/none`, javascript: true }
    await expect(use('navigate', gone)).rejects.toMatchObject({ code: 'http_status' })
  })

  test('screenshot saves the window, the whole page or one element', async () => {
    const tall = '<body style="margin:0"><p style="margin:0;width:300px;height:200px">x</p><div style="height:2000px">'
    const { url, use } = await open({ '/': tall })
    const sizeOf = async (input: object) => {
      const { path, size, status_code } = await use('screenshot', { url, width: 600, height: 400, ...input })
      const bytes = await readFile(join(place.root, path as string))
      expect({ size, status_code }).toEqual({ size: bytes.length, status_code: 200 })
      expect(bytes.subarray(1, 4).toString()).toBe('PNG')
      return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
    }
    expect(await sizeOf({})).toEqual([600, 400])
    expect(await sizeOf({ full_page: true, output_path: 'pictures/all.png' })).toEqual([600, 2200])
    expect(await sizeOf({ selector: 'p', output_path: 'p.png' })).toEqual([300, 200])
    const none = use('screenshot', { url, selector: 'b', output_path: 'b.png' })
    await expect(none).rejects.toMatchObject({ code: 'invalid_input', message: 'The page has no element b.' })
    await expect(use('screenshot', { url, output_path: '../x.png' })).rejects.toMatchObject({ code: 'outside_root' })
  })
})
