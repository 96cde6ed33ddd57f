import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** A span as a collector is sent it. */
export type Span = {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number }
  readonly attributes: { readonly [name: string]: string | number }
  readonly service: string
}
export type Point = {
  readonly name: string
  readonly attributes: { readonly [name: string]: string | number }
  readonly body: Wire
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Wire = any

/** A collector on loopback: takes OTLP over HTTP as JSON, and keeps what it got. */
export async function openReceiver() {
  const spans: Span[] = []
  const points: Point[] = []
  const raw: string[] = []
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    raw.push(sent)
    if (request.url === '/v1/traces') spans.push(...spansIn(JSON.parse(sent)))
    else if (request.url === '/v1/metrics') points.push(...pointsIn(JSON.parse(sent)))
    response.writeHead(request.url?.startsWith('/v1/') ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${port}`, spans, points, raw }
}

function spansIn({ resourceSpans }: Wire): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }: Wire) =>
    scopeSpans.flatMap(({ spans }: Wire) =>
      spans.map((span: Wire) => ({
        ...span,
        attributes: attributesIn(span.attributes),
        service: attributesIn(resource.attributes)['service.name'],
      })),
    ),
  )
}

function pointsIn({ resourceMetrics }: Wire): Point[] {
  return resourceMetrics.flatMap(({ scopeMetrics }: Wire) =>
    scopeMetrics.flatMap(({ metrics }: Wire) =>
      metrics.flatMap(({ name, sum, gauge, histogram }: Wire) =>
        (sum ?? gauge ?? histogram).dataPoints.map((body: Wire) => ({
          name,
          attributes: attributesIn(body.attributes),
          body,
        })),
      ),
    ),
  )
}

function attributesIn(list: Wire = []): { [name: string]: string | number } {
  return Object.fromEntries(list.map(({ key, value }: Wire) => [key, Object.values(value)[0]]))
}
