"""LocalEmu, a second AWS emulator, without Docker: it creates functions and never runs them.

It runs with the Python of its own environment, which has nothing of this project.
"""

from localemu.runtime import main  # type: ignore[import-not-found]
from localemu.services.lambda_.invocation import docker_runtime_executor  # type: ignore[import-not-found]

# All that a new function needs of Docker is that its image is pulled.
docker_runtime_executor.DockerRuntimeExecutor.prepare_version = classmethod(lambda cls, version: None)

if __name__ == "__main__":
    main.main()
