import { visitPage } from '../../../src/tool/chromium/visit.ts'
import { createWeb } from '../../../src/web/request.ts'

// opens a page in Chromium until it is killed
const [url, host] = process.argv.slice(2) as [string, string]
const web = createWeb({ allow: [host], ports: [Number(new URL(url).port)] })
await visitPage(web, { url, timeout: 60_000, signal: new AbortController().signal })
