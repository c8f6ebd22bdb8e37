// Compiles every module under a folder with CPython as WebAssembly (Pyodide), for machines that lack the runtime's Python.
// Usage: node bytecode.mjs FOLDER_OF_PYODIDE BUNDLE MINOR_VERSION
// It must write what `python3.13 -m compileall` writes in bytecode.py: unchecked hashes, names under /var/task.

const [pyodideFolder, bundle, version] = process.argv.slice(2);
const { loadPyodide } = await import(`${pyodideFolder}/pyodide.mjs`);
const python = await loadPyodide();
python.FS.mkdirTree("/bundle");
python.FS.mount(python.FS.filesystems.NODEFS, { root: bundle }, "/bundle");
python.globals.set("wanted", version);
const complaint = python.runPython(`
import compileall, py_compile, sys

found = "%d.%d" % sys.version_info[:2]
compiled = found == wanted and compileall.compile_dir(
    "/bundle",
    maxlevels=50,
    force=True,
    quiet=1,
    stripdir="/bundle",
    prependdir="/var/task",
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
)
"" if compiled else "Pyodide has Python " + found if found != wanted else "a module does not compile"
`);
if (complaint) console.error(complaint);
process.exit(complaint ? 1 : 0);
