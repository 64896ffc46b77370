// Until
