"""nginx and an S3-compatible server on the loopback, in a folder of their own."""

import os
import pathlib
import socket
import subprocess
import sys
import time

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/remote"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port, process):
    for _ in range(300):
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")


class Nginx:
    """Speaks http on one port and https on another, with a certificate that signs itself."""

    certificate = FIXTURES / "certificate.pem"

    def __init__(self, work, root):
        self.port, self.secure_port = free_port(), free_port()
        config = work / "nginx.conf"
        config.write_text(
            f"""daemon off; pid {work}/nginx.pid; error_log {work}/nginx.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
  server {{ listen 127.0.0.1:{self.port}; listen 127.0.0.1:{self.secure_port} ssl; root {root};
    ssl_certificate {self.certificate}; ssl_certificate_key {FIXTURES}/key.pem; }} }}
"""
        )
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["nginx", "-p", str(work), "-c", str(config), *user])
        wait_for(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Moto:
    """moto's server; what it keeps is what was put into it."""

    def __init__(self, work, python):
        self.port = free_port()
        self.log = open(work / "moto.log", "w")
        self.process = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)], stdout=self.log, stderr=subprocess.STDOUT)
        wait_for(self.port, self.process)

    def put(self, python, bucket, prefix, folder):
        script = (
            "import boto3, pathlib, sys\n"
            "store = boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='made', aws_secret_access_key='up')\n"
            "store.create_bucket(Bucket=sys.argv[2])\n"
            "for path in sorted(pathlib.Path(sys.argv[4]).rglob('*')):\n"
            "    if path.is_file(): store.upload_file(str(path), sys.argv[2], f'{sys.argv[3]}/{path.relative_to(sys.argv[4])}')\n"
        )
        subprocess.run([python, "-c", script, f"http://127.0.0.1:{self.port}", bucket, prefix, str(folder)], check=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
