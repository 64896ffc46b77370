print("griffin")
