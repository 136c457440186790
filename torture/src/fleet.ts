import { type Balancer, startBalancer } from './balancer.ts'
import { type Instance, startInstance } from './instance.ts'
import type { Server } from './server.ts'

/** Instances of the service on one database, behind a balancer. */
export interface Fleet extends AsyncDisposable {
  instances: Instance[]
  balancer: Balancer
}

export async function startFleet(
  server: Server,
  { count = 2, settings = {}, ownBalancer = false } = {},
): Promise<Fleet> {
  const instances: Instance[] = []
  const close = async (): Promise<void> => {
    await Promise.all(instances.map(async (instance) => await instance[Symbol.asyncDispose]()))
  }
  try {
    for (let nr = 0; nr < count; nr++) instances.push(await startInstance({ ...server.settings, ...settings }))
    const balancer = await startBalancer(instances, ownBalancer)
    return {
      instances,
      balancer,
      async [Symbol.asyncDispose]() {
        await balancer[Symbol.asyncDispose]()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
