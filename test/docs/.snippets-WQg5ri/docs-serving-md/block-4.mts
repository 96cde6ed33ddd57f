import { app } from './ai.mts'

const people = new Map([['9b1c', 'eva']])
const owner = (request: Request) => {
  const [, session = ''] = /desk=(\w+)/.exec(request.headers.get('cookie') ?? '') ?? []
  const staff = people.get(session)
  return staff ? { staff, scopes: ['read' as const, 'approve' as const], owners: 'all' as const } : undefined
}
export const desk = app.handler({ owner, path: '/desk' })
