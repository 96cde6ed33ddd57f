// app/api/orders/route.ts
import { app, order } from '../../ai.mts'

export async function POST(request: Request): Promise<Response> {
  const { id } = (await request.json()) as { id: string }
  const run = await app.start(order, { id }, { id: `order-${id}` })
  return Response.json({ run: run.id }, { status: 202 })
}
