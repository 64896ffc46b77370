// Until the module's first file lands.
