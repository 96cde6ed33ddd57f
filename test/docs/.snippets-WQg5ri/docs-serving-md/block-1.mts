import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { handler } from './ai.mts'

const site = new Hono()
site.all('/ai/*', (context) => handler(context.req.raw))
serve({ fetch: site.fetch, port: 3000 })
