// Emits, into `dist` of the contract and the client, the JavaScript and declarations that they publish. pnpm runs this
// before it packs either package. This script does not check types; `tsc -b` does.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tsc } from './tsc.ts'

const packages = join(import.meta.dirname, '../..')

/** The output directory of each package. */
export interface Outputs {
  contract: string
  client: string
}

export async function build({ contract, client }: Outputs): Promise<void> {
  await emit('contract', contract, {})
  await emit('client', client, { '@taskwire/contract/*': [join(contract, '*.d.ts')] })
}

async function emit(name: keyof Outputs, outDir: string, paths: Record<string, string[]>): Promise<void> {
  const directory = join(packages, name)
  const scratch = await mkdtemp(join(tmpdir(), 'taskwire-build-'))
  try {
    const config = join(scratch, 'tsconfig.json')
    await writeFile(
      config,
      JSON.stringify({
        extends: join(packages, '../tsconfig.base.json'),
        compilerOptions: {
          rootDir: join(directory, 'src'),
          outDir,
          composite: false,
          emitDeclarationOnly: false,
          declarationMap: false,
          noCheck: true,
          lib: ['es2024', 'dom', 'dom.iterable'],
          paths,
        },
        include: [join(directory, 'src')],
        exclude: ['*.test.ts', '*.test-d.ts', 'testing'].map((tests) => join(directory, 'src/**', tests)),
        references: [],
      }),
    )
    await tsc(['-p', config])
  } finally {
    await rm(scratch, { recursive: true })
  }
  for (const file of await readdir(outDir, { recursive: true }))
    if (file.endsWith('.d.ts')) await renameImports(join(outDir, file))
}

/** The compiler keeps `.ts` in the imports of declarations, but only `.js` is published. */
async function renameImports(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replaceAll(/((?:from |import\()["']\.{1,2}\/[^"']+)\.ts(?=["'])/g, '$1.js'))
}

if (import.meta.main) await build({ contract: join(packages, 'contract/dist'), client: join(packages, 'client/dist') })
