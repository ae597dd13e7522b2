import { build } from 'vite';

/** A module as a page would load it: in one file, minified. */
export async function bundleOf(entry: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry, formats: ['es'] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [bundle] = Array.isArray(made) ? made : [];
  return bundle!.output[0].code;
}
