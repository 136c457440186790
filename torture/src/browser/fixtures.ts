import { launchChromium, openProfile } from '@taskwire/api/browser-testing'
import { temporaryDirectory } from '@taskwire/api/process-testing'
import { signIn } from '@taskwire/client'
import { test as base } from 'vitest'
import { type Instance, startInstance, freePort } from '../instance.ts'
import { type Server, startServer } from '../server.ts'
import { type Account, newAccount } from './account.ts'
import { bundlePage } from './bundle-page.ts'
import { type Device, deviceOf } from './device.ts'
import { type Network, startNetwork } from './network.ts'

let accounts = 0

/** A test with a service, a browser, and users of its own. */
export const test = base
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from this pattern which fixtures it needs: none.
  .extend('server', { scope: 'file' }, async ({}, { onCleanup }): Promise<Server> => {
    const server = await startServer()
    onCleanup(async () => await server[Symbol.asyncDispose]())
    return server
  })
  .extend('port', { scope: 'file' }, async () => await freePort())
  .extend('anyNetwork', { scope: 'file' }, async ({ port }, { onCleanup }): Promise<Network> => {
    const network = await startNetwork(await bundlePage(), port)
    onCleanup(async () => await network[Symbol.asyncDispose]())
    return network
  })
  .extend('service', { scope: 'file' }, async ({ server, port, anyNetwork }, { onCleanup }): Promise<Instance> => {
    const service = await startInstance({ ...server.settings, PUBLIC_URL: anyNetwork.origin }, port)
    onCleanup(async () => await service[Symbol.asyncDispose]())
    return service
  })
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from this pattern which fixtures it needs: none.
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium()
    onCleanup(async () => await browser.close())
    return browser
  })
  .extend('network', async ({ anyNetwork }): Promise<Network> => {
    anyNetwork.reset()
    return anyNetwork
  })
  .extend('signUp', async ({ server, service }): Promise<() => Promise<Account>> => async () => {
    // The limit on sign-ups is by address, and all users of the tests have the same.
    await server.query('delete from auth.sign_in_attempts')
    return await newAccount(service.url, `user${++accounts}`)
  })
  .extend('ada', async ({ signUp }): Promise<Account> => await signUp())
  /** A browser in which Ada is signed in. */
  .extend('device', async ({ browser, network, service, ada }, { onCleanup }): Promise<Device> => {
    const { token } = await signIn({ url: service.url, email: ada.email, password: ada.password })
    const device = await deviceOf(await browser.newContext(), network.origin, token)
    onCleanup(async () => await device[Symbol.asyncDispose]())
    return device
  })
  /** The profile of a browser of its own, which is stored on the disk. Ada is signed in. */
  .extend('profile', async ({ network, ada }, { onCleanup }) => {
    const directory = await temporaryDirectory()
    onCleanup(async () => await directory[Symbol.asyncDispose]())
    const open = async (): Promise<Device> =>
      await deviceOf(await openProfile(directory.path), network.origin, ada.token)
    return { path: directory.path, open }
  })
