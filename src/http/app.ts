import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { NotFoundError, TerminalError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { MAX_BODY } from './body.ts'
import { problemResponse } from './problem.ts'
import { actorRoutes, treeRoutes } from './routes/actors.ts'
import { askRoutes } from './routes/asks.ts'
import { backupRoutes } from './routes/backup.ts'
import { deadLetterRoutes } from './routes/deadletters.ts'
import { gcRoutes } from './routes/gc.ts'
import { handOverRoutes } from './routes/handover.ts'
import { keyRoutes } from './routes/keys.ts'
import { pipelineRoutes } from './routes/pipelines.ts'
import { inboxRoutes, runRoutes } from './routes/runs.ts'
import { statusRoutes } from './routes/status.ts'

/** The runtime as HTTP under `/v1`; every error is problem+json. */
export function createApp(runtime: Runtime): Hono {
  const app = new Hono()
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: () => problemResponse(tooLarge()) }))
  app.route('/v1/runs', runRoutes(runtime))
  app.route('/v1/inbox', inboxRoutes(runtime))
  app.route('/v1/threads', askRoutes(runtime))
  app.route('/v1/pipelines', pipelineRoutes(runtime))
  app.route('/v1/actors', actorRoutes(runtime))
  app.route('/v1/deadletters', deadLetterRoutes(runtime))
  app.route('/v1', treeRoutes(runtime))
  app.route('/v1/keys', keyRoutes(runtime))
  app.route('/v1/backup', backupRoutes(runtime))
  app.route('/v1/gc', gcRoutes(runtime))
  app.route('/v1/handover', handOverRoutes(runtime))
  app.route('/v1', statusRoutes(runtime))
  app.notFound(({ req }) => problemResponse(new NotFoundError(`There is no ${req.method} ${req.path}.`)))
  app.onError(problemResponse)
  return app
}

function tooLarge(): TerminalError {
  return new TerminalError(`The body is larger than ${MAX_BODY} bytes.`, { code: 'too_large' })
}
