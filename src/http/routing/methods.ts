import type { Context, Hono } from 'hono'
import { TerminalError } from '../../errors.ts'
import { tellLater } from '../wire/response-headers.ts'
import type { Route } from './route.ts'

/** The path in the syntax of the router. */
export const pathOf = ({ path, foreign }: Pick<Route, 'path' | 'foreign'>) =>
  `${foreign ? '' : '/v1'}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`

/** Answers methods that a path does not support: OPTIONS lists its methods, the others get a 405. */
export function answerOthers(app: Hono, routes: readonly Route[]): void {
  for (const [path, those] of Map.groupBy(routes, pathOf)) {
    const methods = those.map(({ method }) => method.toUpperCase())
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.all(path, (context) => answerOther(context, allow))
  }
}

function answerOther(context: Context, allow: string): Response {
  const { req } = context
  tellLater(context, { allow })
  if (req.method === 'OPTIONS') return new Response(null, { status: 204 })
  throw new TerminalError(`${req.path} does not support ${req.method}.`, {
    code: 'method_not_allowed',
    hint: `It supports ${allow}.`,
  })
}
